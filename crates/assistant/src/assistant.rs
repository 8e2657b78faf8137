//! Who answers, and what was said before.

use std::sync::Arc;

use spacewatch_model::Clock;

use crate::planner;
use crate::sessions::{Sessions, TenantKey};
use crate::{Event, Made, Toolbox};

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
}

/// Answers questions. Cheap to clone; clones share what was said.
#[derive(Debug, Clone)]
pub struct Assistant {
    sessions: Arc<Sessions>,
}

impl Assistant {
    /// One that answers by the built-in planner.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            sessions: Arc::new(Sessions::new(clock)),
        }
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
        let remembered = session
            .as_deref()
            .and_then(|name| self.sessions.recall(question.tenant, name));
        let (made, understood) = planner::answer(&question.text, toolbox, remembered.as_ref(), tell).await;
        if let Some(name) = session {
            self.sessions.remember(question.tenant, &name, understood);
        }
        made
    }
}
