//! One line of an S3 server access log, as S3 writes it: nothing but the key is escaped.

use std::borrow::Cow;
use std::io::Write;

use crate::civil::date_of;

/// One record. Text that clients sent stands in it raw.
#[derive(Debug, Clone)]
pub(crate) struct LogRecord<'a> {
    pub(crate) owner: &'a str,
    pub(crate) bucket: &'a str,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) ip: &'a str,
    pub(crate) requester: Cow<'a, str>,
    pub(crate) request_id: String,
    pub(crate) operation: Cow<'a, str>,
    pub(crate) key: Option<Cow<'a, str>>,
    pub(crate) asked: Asked<'a>,
    pub(crate) outcome: Outcome<'a>,
    pub(crate) version: Option<Cow<'a, str>>,
    pub(crate) signing: Signing,
    pub(crate) host: &'a str,
    pub(crate) encrypted: bool,
    /// 25, 26 or 27: the format grew over the years.
    pub(crate) fields: u8,
}

/// Request line, referer and user agent.
#[derive(Debug, Clone)]
pub(crate) enum Asked<'a> {
    /// A client's request.
    Client {
        method: &'a str,
        target: Cow<'a, str>,
        referer: Cow<'a, [u8]>,
        agent: Cow<'a, [u8]>,
    },
    /// A part of a request that has a record of its own: bare dashes.
    Part,
    /// The store's own work: dashes in quotes.
    Internal,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome<'a> {
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<Cow<'a, str>>,
    pub(crate) bytes_sent: Option<u64>,
    pub(crate) object_size: Option<u64>,
    pub(crate) total_ms: Option<u64>,
    pub(crate) turnaround_ms: Option<u64>,
}

/// How a request was signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Signing {
    #[default]
    Anonymous,
    Header,
    HeaderV2,
    Query,
}

/// The id of a request, in the form Ceph's gateway gives it.
pub(crate) fn request_id(number: u64) -> String {
    format!("tx{:013x}-{number:010x}", crate::dice::mix(number) >> 12)
}

impl LogRecord<'_> {
    /// Appends the line with its line feed.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.write_head(out);
        match &self.asked {
            Asked::Client { method, target, .. } => {
                let _ = write!(out, "\"{method} {target} HTTP/1.1\"");
            }
            Asked::Part => out.push(b'-'),
            Asked::Internal => out.extend_from_slice(b"\"-\""),
        }
        self.write_outcome(out);
        match &self.asked {
            Asked::Client { referer, agent, .. } => {
                out.extend_from_slice(b" \"");
                out.extend_from_slice(referer);
                out.extend_from_slice(b"\" \"");
                out.extend_from_slice(agent);
                out.push(b'"');
            }
            Asked::Part => out.extend_from_slice(b" - -"),
            Asked::Internal => out.extend_from_slice(b" \"-\" \"-\""),
        }
        self.write_tail(out);
        out.push(b'\n');
    }

    /// Makes a failure of the request.
    pub(crate) fn fail(&mut self, status: u16, code: &'static str) {
        self.outcome = Outcome {
            status: Some(status),
            error: Some(code.into()),
            bytes_sent: (self.operation != "REST.HEAD.OBJECT").then_some(284),
            object_size: None,
            total_ms: self.outcome.turnaround_ms,
            turnaround_ms: self.outcome.turnaround_ms,
        };
        self.version = None;
    }

    fn write_head(&self, out: &mut Vec<u8>) {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let (year, month, day) = date_of(self.time);
        let month = usize::try_from(month - 1)
            .ok()
            .and_then(|index| MONTHS.get(index));
        let second = self.time.rem_euclid(86_400);
        let _ = write!(
            out,
            "{} {} [{day:02}/{}/{year}:{:02}:{:02}:{:02} +0000] {} {} {} {} ",
            self.owner,
            self.bucket,
            month.unwrap_or(&"Jan"),
            second / 3600,
            second / 60 % 60,
            second % 60,
            self.ip,
            self.requester,
            self.request_id,
            self.operation,
        );
        match &self.key {
            Some(key) => self.write_key(key, out),
            None => out.push(b'-'),
        }
        out.push(b' ');
    }

    /// Requests log the key as it stood in their URI, with its escapes escaped again.
    fn write_key(&self, key: &str, out: &mut Vec<u8>) {
        let escape = if self.operation.starts_with("REST.") {
            "%25"
        } else {
            "%"
        };
        for byte in key.bytes() {
            if is_plain(byte) {
                out.push(byte);
            } else {
                let _ = write!(out, "{escape}{byte:02X}");
            }
        }
    }

    fn write_outcome(&self, out: &mut Vec<u8>) {
        let outcome = &self.outcome;
        number(out, outcome.status.map(u64::from));
        text(out, outcome.error.as_deref());
        let numbers = [
            outcome.bytes_sent,
            outcome.object_size,
            outcome.total_ms,
            outcome.turnaround_ms,
        ];
        for value in numbers {
            number(out, value);
        }
    }

    fn write_tail(&self, out: &mut Vec<u8>) {
        text(out, self.version.as_deref());
        if matches!(self.asked, Asked::Internal) {
            out.extend_from_slice(b" - - - - - - -");
        } else {
            let _ = write!(out, " {}=", self.host_id());
            let (signature, kind) = match self.signing {
                Signing::Anonymous => ("-", "-"),
                Signing::Header => ("SigV4", "AuthHeader"),
                Signing::HeaderV2 => ("SigV2", "AuthHeader"),
                Signing::Query => ("SigV4", "QueryString"),
            };
            let (cipher, tls) = if self.encrypted {
                ("TLS_AES_128_GCM_SHA256", "TLSv1.3")
            } else {
                ("-", "-")
            };
            let _ = write!(out, " {signature} {cipher} {kind} {} {tls} -", self.host);
        }
        for _ in 25..self.fields {
            out.extend_from_slice(b" -");
        }
    }

    /// Follows from the request's id, as if each were answered by another machine.
    fn host_id(&self) -> String {
        let seed = crate::store::seed_of(&self.request_id, "");
        format!("{seed:016x}{:016x}", crate::dice::mix(seed))
    }
}

/// Whether a byte stands in a key's URI as it is.
pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte)
}

/// A key as it stands in a request's URI.
pub(crate) fn uri_key(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn number(out: &mut Vec<u8>, value: Option<u64>) {
    match value {
        Some(value) => {
            let _ = write!(out, " {value}");
        }
        None => out.extend_from_slice(b" -"),
    }
}

fn text(out: &mut Vec<u8>, value: Option<&str>) {
    out.push(b' ');
    out.extend_from_slice(value.unwrap_or("-").as_bytes());
}
