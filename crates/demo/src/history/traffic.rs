//! Ordinary requests: from what is usual in a bucket to the records it leaves.

use std::borrow::Cow;

use crate::civil::date_of;
use crate::dice::Dice;
use crate::history::clients::{Client, hostile_agent};
use crate::history::source::{Act, Change, Entry, Source};
use crate::log_line::{Asked, LogRecord, Outcome, Signing, request_id, uri_key};

/// One request that is about to happen.
pub(crate) struct Occasion<'t> {
    pub(crate) source: &'t Source,
    pub(crate) client: &'t Client,
    pub(crate) time: i64,
}

/// What a request is, before it is known what comes of it.
struct Call<'t> {
    operation: &'static str,
    method: &'static str,
    key: Option<Cow<'t, str>>,
    query: &'static str,
}

impl<'t> Occasion<'t> {
    /// One request of the usual kind, and the records it leaves.
    pub(crate) fn usual(&self, dice: &mut Dice, out: &mut Vec<LogRecord<'t>>) {
        let acts = self.source.habit.acts;
        let all = acts.iter().map(|(_, weight)| weight).sum();
        let mut rest = dice.below(all);
        let mut chosen = Act::List;
        for (act, weight) in acts {
            chosen = *act;
            if rest < *weight {
                break;
            }
            rest -= weight;
        }
        self.act(chosen, dice, out);
    }

    /// The records of one request.
    pub(crate) fn act(&self, act: Act, dice: &mut Dice, out: &mut Vec<LogRecord<'t>>) {
        match act {
            Act::Get | Act::GetRange | Act::GetUnchanged | Act::GetPresigned | Act::Head => {
                match self.source.entry(dice, self.time) {
                    Some(entry) => out.push(self.read(act, entry, dice)),
                    None => out.push(self.missing(dice)),
                }
            }
            Act::Missing => out.push(self.missing(dice)),
            Act::Denied => match self.source.entry(dice, self.time) {
                Some(entry) => out.push(self.denied(entry, dice)),
                None => out.push(self.missing(dice)),
            },
            Act::List | Act::Acl | Act::Preflight => out.push(self.of_bucket(act, dice)),
            Act::Put => {
                let (key, size) = (self.passing_key(dice), dice.size(240_000.0, 1.2));
                out.push(self.put(key.into(), size, None, dice));
            }
            Act::Delete => {
                let key = self.passing_key(dice);
                out.push(self.delete(key.into(), None, dice));
            }
            Act::DeleteMany => self.delete_many(dice, out),
            Act::Copy => self.copy(dice, out),
            Act::Expire => out.push(self.expire(dice)),
        }
    }

    /// The record of something that is in the bucket's own history.
    pub(crate) fn change(&self, change: &'t Change, dice: &mut Dice) -> LogRecord<'t> {
        let key = Cow::Borrowed(change.key.as_str());
        let version = change.version.as_deref();
        match change.size {
            Some(size) => self.put(key, size, version, dice),
            None => self.delete(key, version, dice),
        }
    }

    fn call(&self, call: Call<'t>, dice: &mut Dice) -> LogRecord<'t> {
        let caller = dice.word(self.source.habit.callers);
        let anonymous = caller == "-";
        let mut target = format!(
            "/{}{}",
            call.key.as_deref().map(uri_key).unwrap_or_default(),
            call.query
        );
        let presigned = !anonymous && call.method == "GET" && call.query.is_empty() && dice.chance(0.1);
        let signing = match (anonymous, presigned) {
            (true, _) => Signing::Anonymous,
            (_, true) => Signing::Query,
            _ if dice.chance(0.01) => Signing::HeaderV2,
            _ => Signing::Header,
        };
        if presigned {
            target.push_str(&self.signature(dice));
        }
        let agent = match (dice.chance(0.002), anonymous) {
            (true, _) => hostile_agent(dice),
            (_, true) => self.client.agent,
            _ => self.client.tool,
        };
        let referer = if anonymous { self.client.referer } else { "-" };
        let turnaround = 4 + crate::dice::whole(dice.unit().powi(6) * 900.0);
        LogRecord {
            owner: &self.source.owner,
            bucket: &self.source.bucket,
            time: self.time,
            ip: &self.client.ip,
            requester: self.source.user(caller).into(),
            request_id: request_id(dice.next_u64() >> 24),
            operation: call.operation.into(),
            key: call.key,
            asked: Asked::Client {
                method: call.method,
                target: target.into(),
                referer: Cow::Borrowed(referer.as_bytes()),
                agent: Cow::Borrowed(agent.as_bytes()),
            },
            outcome: Outcome {
                status: Some(200),
                turnaround_ms: Some(turnaround),
                total_ms: Some(turnaround),
                ..Outcome::default()
            },
            version: None,
            signing,
            host: &self.source.host,
            encrypted: true,
            fields: self.source.habit.fields,
        }
    }

    fn signature(&self, dice: &mut Dice) -> String {
        let (year, month, day) = date_of(self.time);
        let signature: String = (0..4).map(|_| format!("{:016x}", dice.next_u64())).collect();
        format!(
            "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={year}{month:02}{day:02}T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
        )
    }

    fn of_key(
        &self,
        operation: &'static str,
        method: &'static str,
        key: impl Into<Cow<'t, str>>,
        dice: &mut Dice,
    ) -> LogRecord<'t> {
        let call = Call {
            operation,
            method,
            key: Some(key.into()),
            query: "",
        };
        self.call(call, dice)
    }

    /// A read of an object that is there.
    pub(crate) fn read(&self, act: Act, entry: &'t Entry, dice: &mut Dice) -> LogRecord<'t> {
        let (operation, method) = match act {
            Act::Head => ("REST.HEAD.OBJECT", "HEAD"),
            _ => ("REST.GET.OBJECT", "GET"),
        };
        let mut record = self.of_key(operation, method, entry.key.as_str(), dice);
        if act == Act::GetPresigned && record.signing != Signing::Query {
            record.signing = Signing::Query;
            if let Asked::Client { target, .. } = &mut record.asked {
                target.to_mut().push_str(&self.signature(dice));
            }
        }
        let outcome = &mut record.outcome;
        outcome.object_size = Some(entry.size);
        match act {
            Act::Head => {}
            Act::GetUnchanged => outcome.status = Some(304),
            Act::GetRange if entry.size > 4 => {
                outcome.status = Some(206);
                outcome.bytes_sent = Some(entry.size / (2 + dice.below(30)).min(entry.size));
            }
            _ => outcome.bytes_sent = Some(entry.size).filter(|size| *size > 0),
        }
        // 60 MB a second.
        let sending = outcome.bytes_sent.unwrap_or(0) / 60_000;
        outcome.total_ms = outcome.turnaround_ms.map(|time| time + sending);
        record.version = entry.version.as_deref().map(Cow::Borrowed);
        record
    }

    fn missing(&self, dice: &mut Dice) -> LogRecord<'t> {
        let key = format!("images/old/{:05}.jpg", dice.below(3_000));
        let mut record = self.of_key("REST.GET.OBJECT", "GET", key, dice);
        record.fail(404, "NoSuchKey");
        record
    }

    fn denied(&self, entry: &'t Entry, dice: &mut Dice) -> LogRecord<'t> {
        let mut record = self.of_key("REST.GET.OBJECT", "GET", entry.key.as_str(), dice);
        record.fail(403, "AccessDenied");
        record
    }

    fn of_bucket(&self, act: Act, dice: &mut Dice) -> LogRecord<'t> {
        let (operation, method, query) = match act {
            Act::Acl => ("REST.GET.ACL", "GET", "?acl="),
            Act::Preflight => ("REST.OPTIONS.PREFLIGHT", "OPTIONS", ""),
            _ => (
                "REST.GET.BUCKET",
                "GET",
                "?list-type=2&delimiter=%2F&max-keys=1000",
            ),
        };
        let call = Call {
            operation,
            method,
            key: None,
            query,
        };
        let mut record = self.call(call, dice);
        record.outcome.bytes_sent = match act {
            Act::Preflight => None,
            Act::Acl => Some(612),
            _ => Some(800 + dice.below(280_000)),
        };
        record
    }

    /// A key that comes and goes: it is no longer there when history ends.
    fn passing_key(&self, dice: &mut Dice) -> String {
        self.numbered_key(dice.below(20_000))
    }

    fn numbered_key(&self, number: u64) -> String {
        match self.source.bucket.as_str() {
            "prod-uploads" => format!("tmp/upload {number:05}.part"),
            "raw-events" => format!("staging/part-{number:05}.json.gz"),
            _ => format!("preview/live/{number:05}.html"),
        }
    }

    /// An upload.
    pub(crate) fn put(
        &self,
        key: Cow<'t, str>,
        size: u64,
        version: Option<&'t str>,
        dice: &mut Dice,
    ) -> LogRecord<'t> {
        let mut record = self.of_key("REST.PUT.OBJECT", "PUT", key, dice);
        self.by_somebody(&mut record);
        record.outcome.object_size = Some(size);
        record.outcome.total_ms = record.outcome.turnaround_ms.map(|time| time + size / 40_000);
        record.version = version.map(Cow::Borrowed);
        record
    }

    /// A deletion.
    pub(crate) fn delete(
        &self,
        key: Cow<'t, str>,
        version: Option<&'t str>,
        dice: &mut Dice,
    ) -> LogRecord<'t> {
        let mut record = self.of_key("REST.DELETE.OBJECT", "DELETE", key, dice);
        self.by_somebody(&mut record);
        record.outcome.status = Some(204);
        record.version = version.map(Cow::Borrowed);
        record
    }

    /// Nobody writes without a key.
    fn by_somebody(&self, record: &mut LogRecord<'t>) {
        if record.requester != "-" {
            return;
        }
        record.requester = self.source.user("deploy").into();
        record.signing = Signing::Header;
        if let Asked::Client { agent, referer, .. } = &mut record.asked {
            *agent = Cow::Borrowed(self.client.tool.as_bytes());
            *referer = Cow::Borrowed(b"-");
        }
    }

    fn delete_many(&self, dice: &mut Dice, out: &mut Vec<LogRecord<'t>>) {
        let call = Call {
            operation: "REST.POST.MULTI_OBJECT_DELETE",
            method: "POST",
            key: None,
            query: "?delete=",
        };
        let mut whole = self.call(call, dice);
        self.by_somebody(&mut whole);
        let count = 2 + dice.below(40);
        whole.outcome.bytes_sent = Some(200 + count * 80);
        let part = LogRecord {
            operation: "BATCH.DELETE.OBJECT".into(),
            asked: Asked::Part,
            outcome: Outcome {
                status: Some(204),
                ..Outcome::default()
            },
            ..whole.clone()
        };
        out.push(whole);
        let first = dice.below(20_000);
        for number in first..first + count {
            out.push(LogRecord {
                key: Some(self.numbered_key(number).into()),
                ..part.clone()
            });
        }
    }

    fn copy(&self, dice: &mut Dice, out: &mut Vec<LogRecord<'t>>) {
        let Some(from) = self.source.entry(dice, self.time) else {
            return;
        };
        let to = self.passing_key(dice);
        let mut whole = self.of_key("REST.COPY.OBJECT", "PUT", to, dice);
        self.by_somebody(&mut whole);
        whole.outcome.bytes_sent = Some(234);
        out.push(LogRecord {
            operation: "REST.COPY.OBJECT_GET".into(),
            key: Some(from.key.as_str().into()),
            asked: Asked::Part,
            outcome: Outcome {
                bytes_sent: None,
                object_size: Some(from.size),
                ..whole.outcome.clone()
            },
            ..whole.clone()
        });
        whole.outcome.object_size = Some(from.size);
        out.push(whole);
    }

    /// The lifecycle at work.
    fn expire(&self, dice: &mut Dice) -> LogRecord<'t> {
        let key = if self.source.bucket == "raw-events" {
            let (year, month, day) = date_of(self.time - 90 * 86_400);
            let (hour, part) = (dice.below(24), dice.next_u64() >> 40);
            format!("events/dt={year}-{month:02}-{day:02}/hour={hour:02}/part-{part:06x}.json.gz")
        } else {
            self.passing_key(dice)
        };
        let mut record = self.of_key("S3.EXPIRE.OBJECT", "", key, dice);
        record.ip = "-";
        record.requester = "AmazonS3".into();
        record.asked = Asked::Internal;
        record.outcome = Outcome {
            object_size: Some(dice.size(400_000.0, 1.5)),
            ..Outcome::default()
        };
        record
    }
}
