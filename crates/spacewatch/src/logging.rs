//! Log lines on standard error, written beside the work and never in its way.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value};
use spacewatch_model::{Clock, OneLine, Timestamp};
use spacewatch_telemetry::LOG_TARGET;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

use crate::configuration::{LogFormat, LogLevel};
use crate::output::steady_json;

/// Lines that wait for a slow reader of standard error. Beyond that lines are dropped and counted.
const LINES_WAITING: usize = 8192;

/// Longest message or field, in bytes.
const MAX_TEXT_BYTES: usize = 8192;

/// Starts logging for the whole process. Lines still waiting are written when the guard is dropped.
pub(crate) fn start(format: LogFormat, level: LogLevel, clock: Arc<dyn Clock>) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES_WAITING)
        .lossy(true)
        .finish(io::stderr());
    let lines = Lines {
        format,
        clock,
        dropped: writer.error_counter(),
        reported: AtomicUsize::new(0),
        writer,
    };
    let subscriber = Registry::default().with(lines.with_filter(targets(level)));
    // Fails only where logging was started before, and then it goes on as it was.
    let _ = tracing::subscriber::set_global_default(subscriber);
    guard
}

/// Our own crates at the level asked for; what others say only from warnings on.
fn targets(level: LogLevel) -> Targets {
    let ours = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warning => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_default(ours.min(LevelFilter::WARN))
        .with_target("spacewatch", ours)
        // It also returns what it complains of, and we say that once, in our words.
        .with_target("delta_kernel", LevelFilter::OFF)
        .with_target("buoyant_kernel", LevelFilter::OFF)
        // It warns of every message that it answers with an error: whoever may ask could fill the log.
        .with_target("rmcp", ours.min(LevelFilter::ERROR))
}

struct Lines {
    format: LogFormat,
    clock: Arc<dyn Clock>,
    writer: NonBlocking,
    dropped: ErrorCounter,
    reported: AtomicUsize,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let mut line = self.dropped_line();
        line += &self.line(event.metadata(), said);
        // Never fails: a line that finds no place is counted.
        let _ = self.writer.clone().write_all(line.as_bytes());
    }
}

impl Lines {
    fn line(&self, metadata: &Metadata<'_>, said: Said) -> String {
        let now = self.clock.now();
        let level = *metadata.level();
        match self.format {
            LogFormat::Text => text_line(now, level, metadata.target(), &said),
            LogFormat::Json => json_line(now, level, metadata.target(), said),
        }
    }

    /// Says once that lines are missing.
    fn dropped_line(&self) -> String {
        let dropped = self.dropped.dropped_lines();
        let new = dropped.saturating_sub(self.reported.swap(dropped, Ordering::Relaxed));
        if new == 0 {
            return String::new();
        }
        let message = format!("{new} log lines were dropped because nobody read them in time");
        let said = Said {
            message,
            fields: Map::new(),
        };
        let now = self.clock.now();
        match self.format {
            LogFormat::Text => text_line(now, Level::WARN, module_path!(), &said),
            LogFormat::Json => json_line(now, Level::WARN, module_path!(), said),
        }
    }
}

/// The words of the Python original.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}

fn text_line(now: Timestamp, level: Level, target: &str, said: &Said) -> String {
    let mut line = spacewatch_telemetry::text_line(now, level, &said.message);
    if target != LOG_TARGET {
        for (name, value) in &said.fields {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(line, " {}={}", OneLine(name), OneLine(&value));
        }
    }
    line.push('\n');
    line
}

fn json_line(now: Timestamp, level: Level, target: &str, said: Said) -> String {
    let mut object = Map::new();
    object.insert(
        "timestamp".to_owned(),
        now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string().into(),
    );
    object.insert("level".to_owned(), level_name(level).into());
    object.insert("target".to_owned(), target.into());
    object.insert("message".to_owned(), said.message.into());
    for (name, value) in said.fields {
        object.entry(name).or_insert(value);
    }
    let mut line = steady_json(&Value::Object(object).to_string());
    line.push('\n');
    line
}

/// What an event says: its message and its fields.
#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Value>,
}

impl Said {
    fn take(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Said {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let value = cut(value.to_owned());
        if field.name() == "message" {
            self.message = value
        } else {
            self.take(field, value.into())
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_TEXT_BYTES {
        let end = (0..=MAX_TEXT_BYTES)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(target: &str, message: &str, fields: Value, expected: Expect) {
        let now = "2024-01-15T10:30:45.678Z".parse().unwrap();
        let said = || Said {
            message: message.to_owned(),
            fields: fields.as_object().unwrap().clone(),
        };
        let text = text_line(now, Level::INFO, target, &said());
        let json = json_line(now, Level::INFO, target, said());
        expected.assert_eq(&format!("{text}{json}"));
    }

    #[test]
    fn one_line_whatever_is_in_it() {
        check(
            "spacewatch_server",
            "started\nor\u{2028}not \u{1b}[31m",
            serde_json::json!({"address": "127.0.0.1:1", "n": 3, "key": "a\r\nb"}),
            expect![[r#"
                2024-01-15 10:30:45 [INFO] started\nor\u{2028}not \u{1b}[31m address=127.0.0.1:1 key=a\r\nb n=3
                {"address":"127.0.0.1:1","key":"a\r\nb","level":"INFO","message":"started\nor\u2028not \u001b[31m","n":3,"target":"spacewatch_server","timestamp":"2024-01-15T10:30:45.678Z"}
            "#]],
        );
    }

    #[test]
    fn an_operation_is_its_message() {
        check(
            LOG_TARGET,
            "STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200",
            serde_json::json!({"status": 200}),
            expect![[r#"
                2024-01-15 10:30:45 [INFO] STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200
                {"level":"INFO","message":"STORAGE_OP: LIST_OBJECTS | GET /tools/list-all | status=200","status":200,"target":"spacewatch::operation","timestamp":"2024-01-15T10:30:45.678Z"}
            "#]],
        );
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = cut("é".repeat(MAX_TEXT_BYTES));
        assert_eq!(text.chars().count(), MAX_TEXT_BYTES / 2 + 1);
    }
}
