//! Why a command ends without an answer, as the person at the terminal reads it.

use std::error::Error;
use std::fmt;
use std::io;

use console::Style;
use serde_json::json;
use spacewatch_model::OneLine;

use crate::configuration::ConfigurationError;
use crate::exit::Exit;
use spacewatch_insight::ToolError;
use spacewatch_lake::LakeError;

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A word that stays the same from release to release.
    code: String,
    /// Nothing where there is nobody left to tell.
    message: Option<String>,
    hint: Option<String>,
    causes: Vec<String>,
}

impl Failure {
    /// A failure with what happened, in lower case and without a full stop.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let code = match exit {
            Exit::Failed => "Failed",
            Exit::Usage => "Usage",
            Exit::Denied => "AccessDenied",
            Exit::NotFound => "NotFound",
            Exit::Store => "StoreFailed",
            Exit::Interrupted => "Interrupted",
        };
        Self {
            exit,
            code: code.to_owned(),
            message: Some(message.into()),
            hint: None,
            causes: Vec::new(),
        }
    }

    /// A command line that makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Ended by the person at the terminal.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }

    /// The same failure with what the person can do.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same failure with what lies behind it.
    pub(crate) fn caused_by(self, error: &dyn Error) -> Self {
        let mut causes = vec![error.to_string()];
        causes.extend(chain(error));
        Self { causes, ..self }
    }

    /// Whether it was the reader of our output that went away, as in `spacewatch ls | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.message.is_none()
    }

    /// Whether the person at the terminal ended it.
    pub(crate) fn is_interruption(&self) -> bool {
        self.exit == Exit::Interrupted
    }

    /// Tells the person, once, with the whole chain.
    pub(crate) fn print(&self, as_json: bool) {
        let Some(message) = &self.message else { return };
        if as_json {
            let problem = json!({
                "error": {
                    "code": self.code, "detail": message, "hint": self.hint, "causes": self.causes,
                    "exit_code": self.exit as u8,
                }
            });
            eprintln!("{problem}");
            return;
        }
        if self.is_interruption() {
            eprintln!("{message}");
            return;
        }
        let style = Style::new().for_stderr();
        for line in message.lines() {
            eprintln!(
                "{} {}",
                style.clone().red().bold().apply_to("error:"),
                OneLine(line)
            );
        }
        for cause in &self.causes {
            eprintln!("  {} {}", style.clone().dim().apply_to("because"), OneLine(cause));
        }
        if let Some(hint) = &self.hint {
            eprintln!("{} {}", style.cyan().apply_to("hint:"), OneLine(hint));
        }
    }
}

fn chain(error: &dyn Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or("closed pipe"))
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        Self {
            exit: error.code.into(),
            code: error.code.as_str().to_owned(),
            message: Some(error.detail.clone()),
            causes: chain(&error),
            hint: error.hint,
        }
    }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        let failure = Self::new(Exit::Failed, error.to_string());
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Self {
        let failure = Self {
            causes: chain(&error),
            ..Self::usage(error.to_string())
        };
        match error.hint() {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// A failure to write to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self {
                message: None,
                ..Self::new(Exit::Failed, "")
            };
        }
        Self::new(Exit::Failed, "can't write the answer").caused_by(&error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => io::Error::from(kind).into(),
            None => Self::new(Exit::Failed, "can't write the answer as JSON").caused_by(&error),
        }
    }
}
