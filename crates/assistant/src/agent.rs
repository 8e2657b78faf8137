//! A language model that answers with the tools, behind any endpoint that speaks OpenAI's chat completions.
//!
//! It sees the question, what was said before, and results of tools; never a credential. What it wants is done only as far as a tool
//! that reads does it: names are looked up, writing tools become a proposal, and how much is asked, read and spent is bounded. How an
//! endpoint wants to be spoken to (tools of its own, or one JSON object a reply) is found out and remembered.

mod compact;
mod dialect;
mod endpoint;
mod failure;
mod names;
mod prompt;
mod protocol;
mod reading;
mod run;
mod schema;
mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::Secret;
use tokio::time::Instant;

pub(crate) use compact::LEFT_OUT;
use dialect::Dialect;
use endpoint::Endpoint;
pub use failure::AgentFailure;
use run::Run;

use crate::sessions::Turn;
use crate::{Event, Made, Toolbox};

/// Which model, and what it may cost.
#[derive(Debug, Clone)]
pub struct AgentConfig {
    /// The full address of the chat completions.
    pub url: String,
    /// The endpoint's key.
    pub key: Option<Secret>,
    /// The model to ask for; some endpoints have only one.
    pub model: Option<String>,
    /// How long one reply may take, with all tries.
    pub timeout: Duration,
    /// How often a request is tried again.
    pub retries: u32,
    /// Rounds of tools for one question.
    pub max_steps: usize,
    /// Bytes of results that the model sees for one question.
    pub max_tool_bytes: usize,
    /// Tokens for one question, read and written; estimated where the endpoint doesn't count.
    pub max_tokens: u64,
    /// How long an endpoint that can't be reached, or doesn't answer in time, is left alone; the planner answers meanwhile.
    pub rest: Duration,
}

/// What a model is asked.
pub(crate) struct Asked<'a> {
    pub(crate) question: &'a str,
    /// What was said before.
    pub(crate) turns: &'a [Turn],
    /// What must not leave, should it stand in the question or in a result.
    pub(crate) secrets: &'a [Secret],
    /// How long the model may take in all.
    pub(crate) patience: Option<Duration>,
}

/// A model.
#[derive(Debug)]
pub(crate) struct Agent {
    endpoint: Endpoint,
    found_out: Mutex<FoundOut>,
}

#[derive(Debug, Default)]
struct FoundOut {
    dialect: Dialect,
    rests_until: Option<Instant>,
}

impl Agent {
    pub(crate) fn new(config: AgentConfig) -> Result<Self, AgentFailure> {
        Ok(Self {
            endpoint: Endpoint::new(config)?,
            found_out: Mutex::default(),
        })
    }

    fn config(&self) -> &AgentConfig {
        self.endpoint.config()
    }

    /// What it is called in answers.
    fn name(&self) -> &str {
        self.config().model.as_deref().unwrap_or("model")
    }

    /// Answers. Counts the requests that were made to the endpoint, also where no answer came of them.
    pub(crate) async fn answer(
        &self,
        asked: &Asked<'_>,
        toolbox: &dyn Toolbox,
        requests: &mut usize,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Result<Made, AgentFailure> {
        if self.rests() {
            return Err(AgentFailure::Resting);
        }
        // A few replies may be slow, not all.
        let patience = asked.patience.unwrap_or(self.config().timeout * 4);
        let answered =
            tokio::time::timeout(patience, Run::new(self, asked, toolbox, tell).answer(requests)).await;
        let answered = answered.unwrap_or(Err(AgentFailure::Budget("time")));
        if let Err(AgentFailure::Unreachable | AgentFailure::TimedOut(_)) = &answered {
            self.lock().rests_until = Some(Instant::now() + self.config().rest);
        }
        answered
    }

    fn rests(&self) -> bool {
        self.lock()
            .rests_until
            .is_some_and(|until| Instant::now() < until)
    }

    fn dialect(&self) -> Dialect {
        self.lock().dialect
    }

    fn learn(&self, dialect: Dialect) {
        self.lock().dialect = dialect;
    }

    fn lock(&self) -> MutexGuard<'_, FoundOut> {
        self.found_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
