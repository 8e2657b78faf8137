//! The log lines of an operation.
//!
//! A line is made here as text and sent as a `tracing` event with the target [`LOG_TARGET`]: the text is
//! the event's message, and the figures in it stand beside it as fields (`operation_type`, `method`,
//! `endpoint`, `status`, `duration_ms`, `bytes`, `bucket`, `error`, `request_id`). A text format prints
//! [`text_line`] of the message and leaves the fields of this target out; a JSON format prints both.

use std::fmt::{self, Write};
use std::time::Duration;

use spacewatch_model::{OneLine, Timestamp};
use tracing::Level;

use crate::{Operation, OperationKind};

/// The `tracing` target of operation log lines.
pub const LOG_TARGET: &str = "spacewatch::operation";

/// More of an error's text than this many characters is cut off.
const MAX_ERROR_CHARS: usize = 500;

/// More of an endpoint than this many characters is cut off.
const MAX_ENDPOINT_CHARS: usize = 256;

/// One line of the log, without time and level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How loud it is: `INFO`, `WARN` or `ERROR`.
    pub level: Level,
    /// The text: one line whatever the operation holds.
    pub message: String,
}

/// Writes the operation's lines to the log: storage operations of layer `api` only, nothing for others.
///
/// `slow` is the duration above which an operation also gets the `SLOW_OPERATION` line.
pub fn log_operation(operation: &Operation, slow: Duration) {
    for line in log_lines(operation, slow) {
        match line.level {
            Level::ERROR => event(operation, &line.message, Emit::Error),
            Level::WARN => event(operation, &line.message, Emit::Warning),
            _ => event(operation, &line.message, Emit::Info),
        }
    }
}

/// The lines [`log_operation`] writes: `STORAGE_OP` or `STORAGE_OP_ERROR`, then `SLOW_OPERATION` if it was.
pub fn log_lines(operation: &Operation, slow: Duration) -> Vec<LogLine> {
    if !matches!(operation.kind, OperationKind::Api(kind) if kind.is_storage()) {
        return Vec::new();
    }
    let mut lines = vec![if operation.success() {
        done(operation)
    } else {
        failed(operation)
    }];
    if operation.duration > slow {
        lines.push(was_slow(operation));
    }
    lines
}

/// The whole line as the text log shows it: `2024-01-15 10:30:45 [WARNING] …`, in UTC.
///
/// Control characters in `message` are escaped here as well, so any event may go through it.
pub fn text_line(at: Timestamp, level: Level, message: &str) -> String {
    let level = match level {
        Level::WARN => "WARNING",
        Level::ERROR => "ERROR",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    };
    format!(
        "{} [{level}] {}",
        at.strftime("%Y-%m-%d %H:%M:%S"),
        OneLine(message)
    )
}

enum Emit {
    Info,
    Warning,
    Error,
}

fn event(operation: &Operation, message: &str, emit: Emit) {
    macro_rules! send {
        ($level:expr) => {
            tracing::event!(
                target: LOG_TARGET,
                $level,
                operation_type = operation.kind.as_str(),
                method = operation.method,
                endpoint = endpoint(operation).as_str(),
                status = operation.status,
                duration_ms = milliseconds(operation.duration),
                bytes = operation.bytes_transferred(),
                bucket = operation.bucket.as_ref().map(|bucket| bucket.as_str()),
                error = error(operation).as_deref(),
                request_id = operation.request_id.as_deref(),
                "{message}"
            )
        };
    }
    match emit {
        Emit::Info => send!(Level::INFO),
        Emit::Warning => send!(Level::WARN),
        Emit::Error => send!(Level::ERROR),
    }
}

fn done(operation: &Operation) -> LogLine {
    let mut message = format!(
        "STORAGE_OP: {} | {} {} | status={} | duration={}ms | bytes={}",
        operation.kind,
        operation.method,
        endpoint(operation),
        operation.status,
        Milliseconds(operation.duration),
        operation.bytes_transferred(),
    );
    if let Some(bucket) = &operation.bucket {
        push(&mut message, format_args!(" | bucket={bucket}"));
    }
    LogLine {
        level: Level::INFO,
        message,
    }
}

fn failed(operation: &Operation) -> LogLine {
    LogLine {
        level: Level::ERROR,
        message: format!(
            "STORAGE_OP_ERROR: {} | {} {} | duration={}ms | error={}",
            operation.kind,
            operation.method,
            endpoint(operation),
            Milliseconds(operation.duration),
            error(operation).unwrap_or_default(),
        ),
    }
}

fn was_slow(operation: &Operation) -> LogLine {
    let mut message = format!(
        "SLOW_OPERATION: {} - {}ms - ",
        operation.kind,
        Milliseconds(operation.duration)
    );
    if let Some(bucket) = &operation.bucket {
        push(&mut message, format_args!("bucket={bucket} "));
    }
    push(&mut message, format_args!("status={}", operation.status));
    LogLine {
        level: Level::WARN,
        message,
    }
}

/// The endpoint without what would make the line read as something else.
fn endpoint(operation: &Operation) -> String {
    let mut shown = String::with_capacity(operation.endpoint.len());
    for c in operation.endpoint.chars().take(MAX_ENDPOINT_CHARS) {
        match c {
            ' ' => shown.push_str("%20"),
            '|' => shown.push_str("%7C"),
            _ => push(
                &mut shown,
                format_args!("{}", OneLine(c.encode_utf8(&mut [0; 4]))),
            ),
        }
    }
    shown
}

/// What went wrong, `None` when nothing did.
fn error(operation: &Operation) -> Option<String> {
    if operation.success() {
        return None;
    }
    Some(match (&operation.error, operation.status) {
        (Some(error), _) => {
            let end = error
                .char_indices()
                .nth(MAX_ERROR_CHARS)
                .map_or(error.len(), |(at, _)| at);
            OneLine(error.get(..end).unwrap_or(error)).to_string()
        }
        (None, 0) => "no answer".to_owned(),
        (None, status) => format!("status {status}"),
    })
}

/// Writing to a `String` can't fail.
fn push(text: &mut String, what: fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0.as_secs_f64() * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::{OperationType, S3Call};

    fn operation(change: impl FnOnce(&mut Operation)) -> Operation {
        let mut operation = Operation {
            finished_at: "2024-01-15T10:30:45.678Z".parse().unwrap(),
            kind: OperationType::ListObjects.into(),
            method: "GET",
            endpoint: "/tools/list-all".into(),
            bucket: Some("my-bucket".parse().unwrap()),
            status: 200,
            duration: Duration::from_micros(45_230),
            first_byte: None,
            bytes_in: 0,
            bytes_out: 2048,
            error: None,
            request_id: None,
        };
        change(&mut operation);
        operation
    }

    fn check(change: impl FnOnce(&mut Operation), expected: Expect) {
        let operation = operation(change);
        let lines: Vec<_> = log_lines(&operation, Duration::from_secs(5))
            .into_iter()
            .map(|line| text_line(operation.finished_at, line.level, &line.message))
            .collect();
        assert!(lines.iter().all(|line| !line.contains(char::is_control)));
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn succeeded() {
        check(
            |_| {},
            expect![
                "2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200 | duration=45.23ms | bytes=2048 | bucket=my-bucket"
            ],
        );
        check(
            |o| o.bucket = None,
            expect![
                "2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200 | duration=45.23ms | bytes=2048"
            ],
        );
        check(
            |o| o.bytes_in = 1,
            expect![
                "2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200 | duration=45.23ms | bytes=2049 | bucket=my-bucket"
            ],
        );
        check(
            |o| o.duration = Duration::ZERO,
            expect![
                "2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200 | duration=0.00ms | bytes=2048 | bucket=my-bucket"
            ],
        );
        check(
            |o| o.duration = Duration::from_secs(5),
            expect![
                "2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200 | duration=5000.00ms | bytes=2048 | bucket=my-bucket"
            ],
        );
    }

    #[test]
    fn slow() {
        check(
            |o| {
                o.kind = OperationType::QueryLogs.into();
                o.bucket = "logs-bucket".parse().ok();
                o.duration = Duration::from_micros(5_234_560);
            },
            expect![[r#"
                2024-01-15 10:30:45 [INFO] STORAGE_OP: QUERY_LOGS | GET /tools/list-all | status=200 | duration=5234.56ms | bytes=2048 | bucket=logs-bucket
                2024-01-15 10:30:45 [WARNING] SLOW_OPERATION: QUERY_LOGS - 5234.56ms - bucket=logs-bucket status=200"#]],
        );
        check(
            |o| {
                o.bucket = None;
                o.duration = Duration::from_secs(3600);
                o.status = 504;
            },
            expect![[r#"
                2024-01-15 10:30:45 [ERROR] STORAGE_OP_ERROR: LIST_OBJECTS | GET /tools/list-all | duration=3600000.00ms | error=status 504
                2024-01-15 10:30:45 [WARNING] SLOW_OPERATION: LIST_OBJECTS - 3600000.00ms - status=504"#]],
        );
    }

    #[test]
    fn failed() {
        check(
            |o| {
                o.status = 404;
                o.duration = Duration::from_micros(156_780);
                o.error = Some("Bucket not found".to_owned());
            },
            expect![
                "2024-01-15 10:30:45 [ERROR] STORAGE_OP_ERROR: LIST_OBJECTS | GET /tools/list-all | duration=156.78ms | error=Bucket not found"
            ],
        );
        check(
            |o| o.status = 403,
            expect![
                "2024-01-15 10:30:45 [ERROR] STORAGE_OP_ERROR: LIST_OBJECTS | GET /tools/list-all | duration=45.23ms | error=status 403"
            ],
        );
        check(
            |o| o.status = 0,
            expect![
                "2024-01-15 10:30:45 [ERROR] STORAGE_OP_ERROR: LIST_OBJECTS | GET /tools/list-all | duration=45.23ms | error=no answer"
            ],
        );
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        check(
            |o| {
                o.status = 500;
                o.error = Some("no\r\n2024-01-15 10:30:45 [INFO] \u{1b}[2J\u{2028}forged\0".to_owned());
            },
            expect![[
                r#"2024-01-15 10:30:45 [ERROR] STORAGE_OP_ERROR: LIST_OBJECTS | GET /tools/list-all | duration=45.23ms | error=no\r\n2024-01-15 10:30:45 [INFO] \u{1b}[2J\u{2028}forged\u{0}"#
            ]],
        );
        check(
            |o| o.endpoint = "/x\n| status=200 | bytes=0\u{85}".into(),
            expect![[
                r#"2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /x\n%7C%20status=200%20%7C%20bytes=0\u{85} | status=200 | duration=45.23ms | bytes=2048 | bucket=my-bucket"#
            ]],
        );
        let long = operation(|o| {
            o.status = 500;
            o.endpoint = "/é".repeat(10_000).into();
            o.error = Some("é".repeat(10_000));
        });
        for line in log_lines(&long, Duration::ZERO) {
            assert!(line.message.len() < 2000);
        }
    }

    #[test]
    fn others_have_no_line() {
        check(|o| o.kind = OperationType::HealthCheck.into(), expect![[""]]);
        check(|o| o.kind = S3Call::ListObjectsV2.into(), expect![[""]]);
    }
}
