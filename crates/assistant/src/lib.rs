//! Answers questions in plain words with the tools.
//!
//! Two ways lead to an answer: the built-in [`planner`], which needs no model and no network, and a language model behind any
//! OpenAI-compatible endpoint. Both see the world only through a [`Toolbox`], and both give an [`Answer`] whose figures are bound to
//! what the tools said.
//!
//! This crate knows no tool by its code and no HTTP door; it never sees a credential.

mod agent;
mod answer;
mod asking;
mod assistant;
mod checking;
mod event;
pub mod planner;
mod quote;
mod sessions;
mod toolbox;

pub use agent::{AgentConfig, AgentFailure};
pub use answer::{Answer, AnswerKind, Citation, Part, Proposal};
pub use assistant::{Assistant, Question};
pub use event::{Event, Made};
pub use sessions::TenantKey;
pub use toolbox::{Call, CallProgress, Circumstances, ToolFacts, ToolFailure, Toolbox};
