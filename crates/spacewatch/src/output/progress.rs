//! What the person sees while a long question is worked on.

use std::future::Future;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use spacewatch_model::ByteSize;
use spacewatch_s3::Progress;

use super::{counted, thousands};
use crate::failure::Failure;

/// Answers that come within this time need no progress.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// The time between two looks at the progress.
pub(crate) const REDRAW: Duration = Duration::from_millis(120);

/// Waits for work. After a second, on a terminal, it shows how far the work is; Ctrl-C ends it.
pub(crate) async fn watched<T, E: Into<Failure>>(
    what: &str,
    progress: &Progress,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    let mut work = std::pin::pin!(work);
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let bar = Bar::new(what);
    let mut redraw = tokio::time::interval_at(tokio::time::Instant::now() + PATIENCE, REDRAW);
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result.map_err(Into::into),
            _ = &mut interrupted => return Err(Failure::interrupted()),
            _ = redraw.tick() => bar.show(progress),
        }
    }
}

/// Waits for work that shows itself how far it is; Ctrl-C ends it.
pub(crate) async fn interruptible<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::select! {
        biased;
        result = work => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
    }
}

/// A spinner on standard error; removed when dropped.
struct Bar(ProgressBar);

impl Bar {
    fn new(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self(bar)
    }

    fn show(&self, progress: &Progress) {
        if self.0.is_hidden() {
            if !io::stderr().is_terminal() {
                return;
            }
            self.0.set_draw_target(ProgressDrawTarget::stderr());
        }
        let mut said = format!(
            "{} · {} · {}",
            counted(progress.objects(), "object"),
            ByteSize(progress.bytes()),
            counted(progress.requests(), "request"),
        );
        if progress.throttled() > 0 {
            said += &format!(" · slowed down {}×", thousands(progress.throttled()));
        }
        self.0.set_message(said);
        self.0.tick();
    }
}

/// A bar for files that are read, of whose size at least a part is known; removed when dropped.
pub(crate) struct ReadingBar(ProgressBar);

impl ReadingBar {
    /// A bar that is not seen yet.
    pub(crate) fn new(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let template =
            "{prefix}  {bar:24} {percent}% · {binary_bytes} of {binary_total_bytes} · {msg} · {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self(bar)
    }

    /// Shows how far the reading is.
    pub(crate) fn show(&self, bytes: u64, of: u64, lines: u64) {
        if self.0.is_hidden() {
            if !io::stderr().is_terminal() {
                return;
            }
            self.0.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.0.set_length(of.max(bytes));
        self.0.set_position(bytes);
        self.0.set_message(counted(lines, "line"));
        self.0.tick();
    }
}

/// A bar for questions that are asked one after the other; removed when dropped.
pub(crate) struct AskingBar(ProgressBar);

impl AskingBar {
    /// A bar that is not seen yet.
    pub(crate) fn new(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:24} {pos} of {len} · {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self(bar)
    }

    /// Shows how many were asked, and how many of the answers are right.
    pub(crate) fn show(&self, done: usize, of: usize, right: usize) {
        if self.0.is_hidden() {
            if !io::stderr().is_terminal() {
                return;
            }
            self.0.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
        self.0.set_message(format!("{right} right"));
        self.0.tick();
    }
}

impl Drop for AskingBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Drop for ReadingBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
