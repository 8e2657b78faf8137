//! Why a model gave no answer.

use std::time::Duration;

use crate::quote;

/// Why a model gave no answer, in words for the person who asked. What an endpoint wrote is shown bounded, as data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentFailure {
    /// The configuration can't be used.
    #[error("the model's address can't be used: {0}")]
    Configuration(String),
    /// No connection, or it broke off.
    #[error("the model could not be reached")]
    Unreachable,
    /// It could not be reached a moment ago, and is not asked for a while.
    #[error("the model did not answer a moment ago; it is asked again soon")]
    Resting,
    /// It said no.
    #[error("the model's endpoint answered {status}{}", told(.detail))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// It took too long.
    #[error("the model took longer than {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It said something that is no reply.
    #[error("the model's reply can't be read: {0}")]
    Unreadable(&'static str),
    /// It didn't end.
    #[error("the model's reply is longer than {0} bytes")]
    TooLong(usize),
    /// It says the same again and again.
    #[error("the model says the same again and again")]
    Repeats,
    /// It said nothing.
    #[error("the model's reply is empty")]
    Empty,
    /// What one question may cost is used up.
    #[error("the model used up its {0} without an answer")]
    Budget(&'static str),
}

fn told(detail: &str) -> String {
    let detail = quote::sentence(detail);
    let detail = detail.trim();
    if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    }
}
