//! Where a list of records goes on, as an opaque token.

use std::fmt::Write;

use jiff::Timestamp;
use spacewatch_lake::Position;
use spacewatch_model::ErrorCode;

use crate::ToolError;

/// The token for a position. It holds only letters, digits, `-` and `_`, so that it passes through any address bar.
pub(crate) fn write_position(position: &Position) -> String {
    let mut text = format!("r{}_{}_", position.time.as_nanosecond(), position.log_offset);
    for byte in position.log_object.bytes() {
        // Writing to a `String` can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads a token that an answer before gave.
pub(crate) fn read_position(text: &str) -> Result<Position, ToolError> {
    parse(text).ok_or_else(|| {
        ToolError::new(ErrorCode::InvalidParameter, "`next` is not a token of this list")
            .with_hint("pass on the `next` of the answer before, with the same filters")
    })
}

fn parse(text: &str) -> Option<Position> {
    let (time, rest) = text.strip_prefix('r')?.split_once('_')?;
    let (offset, object) = rest.split_once('_')?;
    if !object.len().is_multiple_of(2) || !object.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..object.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(object.get(at..at + 2)?, 16).ok())
        .collect();
    Some(Position {
        time: Timestamp::from_nanosecond(time.parse().ok()?).ok()?,
        log_object: String::from_utf8(bytes?).ok()?,
        log_offset: offset.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn comes_back_as_it_went(log_object in ".{0,60}", log_offset: u64, microseconds in -1_000_000_000_000_000_i64..1_000_000_000_000_000) {
            let time = Timestamp::from_microsecond(microseconds).expect("a time");
            let position = Position { time, log_object, log_offset };
            prop_assert_eq!(read_position(&write_position(&position)).expect("a token"), position);
        }

        #[test]
        fn anything_else_is_refused_calmly(text in "r?[0-9_a-f-]{0,80}|.*") {
            let _ = read_position(&text);
        }
    }
}
