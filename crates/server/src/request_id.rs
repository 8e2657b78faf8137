//! Which request this is: its id, and the trace it belongs to.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

const MAX_ID_BYTES: usize = 128;

/// How a request is found again in logs and answers.
#[derive(Debug, Clone)]
pub(crate) struct RequestId {
    pub(crate) id: Arc<str>,
    /// What stands in the answer's `traceparent`, if the caller sent a well-formed one.
    pub(crate) traceparent: Option<HeaderValue>,
}

impl RequestId {
    /// The caller's own id if it is well formed, else a new one, made of the caller's trace id if there is one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let trace = headers
            .get("traceparent")
            .and_then(|value| TraceParent::parse(value.as_bytes()));
        let own = headers
            .get("x-request-id")
            .map(HeaderValue::as_bytes)
            .filter(|id| is_well_formed(id))
            .and_then(|id| std::str::from_utf8(id).ok());
        let id = match (own, &trace) {
            (Some(own), _) => own.into(),
            (None, Some(trace)) => format!("req-{}", trace.trace_id).into(),
            (None, None) => format!("req-{:016x}", rand::random::<u64>()).into(),
        };
        Self {
            id,
            traceparent: trace.and_then(|trace| trace.next_hop()),
        }
    }
}

fn is_well_formed(id: &[u8]) -> bool {
    (1..=MAX_ID_BYTES).contains(&id.len())
        && id
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// W3C trace context, version 00 (later versions are read as far as 00 goes).
struct TraceParent<'a> {
    trace_id: &'a str,
    flags: &'a str,
}

impl<'a> TraceParent<'a> {
    fn parse(value: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok().filter(|text| text.len() <= 256)?;
        let mut parts = text.split('-');
        let (version, trace_id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str, len| {
            text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let all_zero = |text: &str| text.bytes().all(|b| b == b'0');
        let sane = is_hex(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && is_hex(trace_id, 32)
            && !all_zero(trace_id)
            && is_hex(parent, 16)
            && !all_zero(parent)
            && is_hex(flags, 2);
        sane.then_some(Self { trace_id, flags })
    }

    /// The same trace, with a span of ours as the parent.
    fn next_hop(&self) -> Option<HeaderValue> {
        let span = rand::random::<u64>().max(1);
        HeaderValue::try_from(format!("00-{}-{span:016x}-{}", self.trace_id, self.flags)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &'static str, value: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("a header value"),
        );
        let found = RequestId::of(&headers);
        match expected {
            Some(id) => assert_eq!(&*found.id, id),
            None => assert!(
                found.id.starts_with("req-") && found.id.len() == 20,
                "{value}: {}",
                found.id
            ),
        }
    }

    #[test]
    fn the_callers_id_is_kept_if_well_formed() {
        check("x-request-id", "Order_17.a-b", Some("Order_17.a-b"));
        check("x-request-id", &"a".repeat(128), Some(&"a".repeat(128)));
        check("x-request-id", &"a".repeat(129), None);
        check("x-request-id", "", None);
        check("x-request-id", "a b", None);
        check("x-request-id", "a\tb", None);
        check("x-request-id", "<script>", None);
        check("x-request-id", "é", None);
    }

    #[test]
    fn a_trace_gives_the_id_and_goes_on() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let full = format!("req-{trace}");
        check(
            "traceparent",
            &format!("00-{trace}-b7ad6b7169203331-01"),
            Some(&full),
        );
        check(
            "traceparent",
            &format!("cc-{trace}-b7ad6b7169203331-01-more"),
            Some(&full),
        );
        check(
            "traceparent",
            &format!("00-{trace}-b7ad6b7169203331-01-more"),
            None,
        );
        check("traceparent", &format!("ff-{trace}-b7ad6b7169203331-01"), None);
        check(
            "traceparent",
            &format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
            None,
        );
        check(
            "traceparent",
            &format!("00-{}-b7ad6b7169203331-01", trace.to_uppercase()),
            None,
        );
        check("traceparent", &format!("00-{trace}-0000000000000000-01"), None);
        check("traceparent", "nonsense", None);

        let mut headers = HeaderMap::new();
        let sent = format!("00-{trace}-b7ad6b7169203331-01");
        headers.insert("traceparent", sent.parse().expect("a header value"));
        headers.insert("x-request-id", HeaderValue::from_static("mine"));
        let found = RequestId::of(&headers);
        assert_eq!(&*found.id, "mine");
        let passed_on = found
            .traceparent
            .expect("passed on")
            .to_str()
            .expect("text")
            .to_owned();
        assert!(passed_on.starts_with(&format!("00-{trace}-")) && passed_on.ends_with("-01"));
        assert_ne!(passed_on, sent);
    }
}
