//! The tools for programs that speak the Model Context Protocol: desktop assistants, editors, agents.
//!
//! What is offered are the tools of a [`Toolbox`], documents about them, and prompts for work that comes again and again. Results
//! are data: what stands in logs and keys was written by whoever, and the instructions that a client gets say so.
//!
//! The protocol itself is `rmcp`, the official SDK. This crate knows no tool by its code, and no credential.

mod documents;
mod handler;
mod progress;
mod prompts;
mod sessions;
mod streamable;
mod told;

use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::transport::stdio;
use spacewatch_assistant::Toolbox;

pub use handler::{Config, Handler};
pub use sessions::{Caller, SessionBounds};
pub use streamable::{AnswerBody, Streamable, forbidden};

/// Why no conversation took place.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    /// The other side didn't begin as the protocol says.
    #[error("the conversation could not begin")]
    Begin(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It broke off.
    #[error("the conversation broke off")]
    BrokeOff(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Speaks on standard input and output until the input ends. Nothing else may be written to standard output meanwhile.
///
/// # Errors
///
/// When the other side doesn't speak the protocol.
pub async fn serve_stdio(toolbox: Arc<dyn Toolbox>, config: Config) -> Result<(), McpError> {
    let conversation = Handler::new(toolbox, config).serve(stdio());
    let conversation = conversation
        .await
        .map_err(|error| McpError::Begin(error.into()))?;
    let ended = conversation.waiting().await;
    ended
        .map(|_| ())
        .map_err(|error| McpError::BrokeOff(error.into()))
}
