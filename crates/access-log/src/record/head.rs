//! The left part: owner to operation.

use crate::operation::Operation;
use crate::reject::Reason;
use crate::scan::{Cursor, cut, split_once, trim_spaces};
use crate::time::Days;

use super::Head;

/// Length of `[06/Feb/2019:00:00:38 +0000]`.
const TIME: usize = 28;

pub(super) fn read<'a>(cursor: &mut Cursor<'a>, days: &mut Days) -> Result<Head<'a>, Reason> {
    let whole = cursor.rest;
    let owner = cursor.token();
    let bucket = cursor.token();
    cursor.skip_spaces();
    if cursor.rest.first() != Some(&b'[') {
        return Err(other_format(whole));
    }
    let bracketed = cursor.take(TIME).and_then(|text| text.first_chunk::<TIME>());
    let time = bracketed
        .and_then(|text| days.bracketed(text))
        .ok_or(Reason::BadTime)?;
    cursor.plain &= time.plain;
    let remote_ip = cursor.token();
    cursor.skip_spaces();
    // The requester may hold spaces, so the operation is found first, and what stands before it is split from the right.
    let start = cursor.rest;
    let mut request_id: &[u8] = &[];
    let mut end_of_requester = 0;
    loop {
        let at = start.len().saturating_sub(cursor.rest.len());
        let token = cursor.token();
        if token.is_empty() {
            return Err(Reason::NoOperation);
        }
        if let Some(operation) = Operation::new(token) {
            let requester = cut(start, end_of_requester).0;
            let trimmed = trim_spaces(requester);
            if trimmed.is_empty() || request_id.is_empty() {
                return Err(Reason::NoRequestId);
            }
            cursor.plain &= trimmed.len().saturating_add(1) == requester.len();
            return Ok(Head {
                owner,
                bucket,
                time,
                remote_ip,
                requester: trimmed,
                request_id,
                operation,
            });
        }
        end_of_requester = at;
        request_id = token;
    }
}

/// Ceph's transaction ids: `tx`, 21 hex digits, and more after a dash.
pub(super) fn is_ceph_request_id(id: &[u8]) -> bool {
    let digits = id.strip_prefix(b"tx").and_then(|rest| split_once(rest, b'-'));
    digits.is_some_and(|(digits, _)| digits.len() >= 16 && digits.iter().all(u8::is_ascii_hexdigit))
}

fn other_format(line: &[u8]) -> Reason {
    match line {
        [b'{' | b'[', ..] => Reason::Json,
        [b'"', ..] if memchr::memmem::find(line, b"\",\"").is_some() => Reason::Csv,
        _ => Reason::NoTime,
    }
}
