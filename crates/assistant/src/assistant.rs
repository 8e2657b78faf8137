//! Who answers, and what was said before.

use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::{Clock, Secret};

use crate::agent::{Agent, Asked};
use crate::sessions::{Said, Sessions, TenantKey, Turn};
use crate::{AgentConfig, AgentFailure, Event, Made, Toolbox, planner};

/// Names of conversations are cut to so many characters.
const MAX_SESSION: usize = 128;

/// A question in plain words.
#[derive(Debug, Clone)]
pub struct Question {
    /// The question.
    pub text: String,
    /// Whose it is.
    pub tenant: TenantKey,
    /// The conversation it belongs to; without one nothing is remembered.
    pub session: Option<String>,
    /// What a model must not be told, should it stand in the question or in a result.
    pub secrets: Vec<Secret>,
    /// How long a model may take before the planner answers in its place; as long as its configuration allows without this.
    pub patience: Option<Duration>,
}

/// Answers questions: by a language model where one is configured, by the built-in planner where none is or it fails. Cheap to clone;
/// clones share what was said.
#[derive(Debug, Clone)]
pub struct Assistant {
    agent: Option<Arc<Agent>>,
    sessions: Arc<Sessions>,
}

impl Assistant {
    /// One that answers by the built-in planner.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            agent: None,
            sessions: Arc::new(Sessions::new(clock)),
        }
    }

    /// One that asks a model first. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// When the address of the model can't be used.
    pub fn with_model(self, config: AgentConfig) -> Result<Self, AgentFailure> {
        let agent = Some(Arc::new(Agent::new(config)?));
        Ok(Self { agent, ..self })
    }

    /// Answers a question with these tools; tells what happens meanwhile. To drop the future is to stop.
    pub async fn answer(
        &self,
        question: &Question,
        toolbox: &dyn Toolbox,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Made {
        let session = question
            .session
            .as_deref()
            .map(|name| name.chars().take(MAX_SESSION).collect::<String>());
        let mut said = session
            .as_deref()
            .and_then(|name| self.sessions.recall(question.tenant, name))
            .unwrap_or_default();
        let mut made = self.made(question, &mut said, toolbox, tell).await;
        for citation in &mut made.answer.citations {
            citation.page = toolbox.page(&citation.tool, &citation.args);
        }
        if let Some(name) = session {
            let said = said.and(Turn::new(&question.text, &made.answer.text()));
            self.sessions.remember(question.tenant, &name, said);
        }
        made
    }

    async fn made(
        &self,
        question: &Question,
        said: &mut Said,
        toolbox: &dyn Toolbox,
        tell: &mut (dyn FnMut(Event) + Send),
    ) -> Made {
        let mut requests = 0;
        let mut instead = None;
        if let Some(agent) = &self.agent {
            let asked = Asked {
                question: &question.text,
                turns: said.turns.make_contiguous(),
                secrets: &question.secrets,
                patience: question.patience,
            };
            match agent.answer(&asked, toolbox, &mut requests, tell).await {
                Ok(made) => {
                    return Made {
                        model_requests: requests,
                        ..made
                    };
                }
                Err(failure) => instead = Some(failure.to_string()),
            }
        }
        let (made, understood) =
            planner::answer(&question.text, toolbox, said.understood.as_ref(), tell).await;
        said.understood = Some(understood);
        Made {
            instead,
            model_requests: requests,
            ..made
        }
    }
}
