//! Access logs whose every record is known.

use spacewatch_demo::DemoStore;

/// How many requests there are.
pub(crate) const REQUESTS: usize = 240;

/// One request, as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) minute: usize,
    pub(crate) bucket: &'static str,
    pub(crate) ip: String,
    pub(crate) requester: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) key: String,
    pub(crate) status: u16,
    pub(crate) bytes: u64,
    pub(crate) agent: &'static str,
}

impl Request {
    /// Whether a client made it.
    pub(crate) fn is_request(&self) -> bool {
        !self.operation.starts_with("S3.") && !self.operation.starts_with("BATCH.")
    }

    pub(crate) fn time(&self) -> String {
        format!(
            "2026-11-{:02}T{:02}:{:02}:00Z",
            18 + self.minute / 120,
            self.minute % 120 / 5,
            self.minute % 5
        )
    }

    pub(crate) fn line(&self) -> String {
        let Self {
            bucket,
            ip,
            requester,
            operation,
            key,
            status,
            bytes,
            agent,
            minute,
        } = self;
        let (day, hour, minute_of_hour) = (18 + minute / 120, minute % 120 / 5, minute % 5);
        let method = operation.split('.').nth(1).unwrap_or("GET");
        let (uri, status) = if self.is_request() {
            (
                format!("\"{method} /{bucket}/{key} HTTP/1.1\""),
                status.to_string(),
            )
        } else {
            ("-".to_owned(), "-".to_owned())
        };
        let error = if self.status >= 400 { "NoSuchKey" } else { "-" };
        format!(
            "0123owner {bucket} [{day:02}/Nov/2026:{hour:02}:{minute_of_hour:02}:00 +0000] {ip} {requester} REQ{minute:05} {operation} \
             {key} {uri} {status} {error} {bytes} 1000 {total} 3 \"-\" \"{agent}\" - hostid SigV4 \
             ECDHE-RSA-AES128-GCM-SHA256 AuthHeader {bucket}.nyc3.example.com TLSv1.2",
            total = minute + 1,
        )
    }
}

/// All requests, oldest first.
pub(crate) fn requests() -> Vec<Request> {
    (0..REQUESTS)
        .map(|n| {
            let operation = match n % 12 {
                0 => "REST.PUT.OBJECT",
                1 => "REST.DELETE.OBJECT",
                2 => "REST.HEAD.OBJECT",
                3 => "BATCH.DELETE.OBJECT",
                4 => "S3.EXPIRE.OBJECT",
                _ => "REST.GET.OBJECT",
            };
            let internal = matches!(n % 12, 4);
            Request {
                minute: n,
                bucket: if n % 5 == 0 { "videos" } else { "photos" },
                ip: if internal {
                    "-".to_owned()
                } else {
                    format!("10.{}.0.{}", n % 3, n % 7)
                },
                requester: if n % 4 == 0 { "-" } else { "0123user" },
                operation,
                key: format!("year{}/{}.jpg", n % 3, n % 10),
                status: match n % 8 {
                    6 => 404,
                    7 => 503,
                    _ => 200,
                },
                bytes: (n as u64 % 20) * 100,
                agent: if n % 2 == 0 {
                    "aws-cli/2.0"
                } else {
                    "Mozilla/5.0 \"odd\""
                },
            }
        })
        .collect()
}

/// A store whose first tenant has these logs under `access/`, a line twice and one that is no record; the second tenant's
/// log is another one.
pub(crate) fn store() -> DemoStore {
    let lines: Vec<String> = requests().iter().map(Request::line).collect();
    let (older, newer) = lines.split_at(REQUESTS / 2);
    let again = [newer[0].as_str(), newer[1].as_str(), "this is no record"].join("\n");
    DemoStore::empty()
        .with_tenant("first", crate::kit::KEY, crate::kit::SECRET)
        .with_bucket("photos")
        .with_object(
            "their-logs",
            "access/2026-11-19-01-00-00-AAAAAAAAAAAAAAAA",
            older.join("\n").as_str(),
        )
        .with_object(
            "their-logs",
            "access/2026-11-20-01-00-00-BBBBBBBBBBBBBBBB",
            (newer.join("\n") + "\n").as_str(),
        )
        .with_object(
            "their-logs",
            "access/2026-11-20-02-00-00-CCCCCCCCCCCCCCCC",
            again.as_str(),
        )
        .with_object("their-logs", "elsewhere/note.txt", "nothing to see")
        .with_tenant("second", "KEYB", "secret-b")
        .with_object("other-logs", "x", "hush")
}
