//! What was said before: each conversation its tenant's own, bounded in number, forgotten when nobody goes on with it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spacewatch_model::Clock;

use crate::planner::Understood;

/// Conversations in all; the one that rested longest makes room.
const MAX_SESSIONS: usize = 1_000;
/// Conversations of one tenant.
const MAX_OF_TENANT: usize = 32;
/// A conversation that rests so long is forgotten.
const IDLE: Duration = Duration::from_secs(3_600);

/// Questions and answers of a conversation that are kept.
const MAX_TURNS: usize = 6;
/// Bytes of a question, and of an answer, that are kept.
const MAX_QUESTION: usize = 2_000;
const MAX_ANSWER: usize = 4_000;

/// A tenant: a keyed hash of its credentials and endpoint, so that nobody gets into another's conversation by its name.
pub type TenantKey = [u8; 32];

/// The conversations of a process.
#[derive(Debug)]
pub(crate) struct Sessions {
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<(TenantKey, String), Session>>,
}

/// A question, and what was answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turn {
    pub(crate) question: String,
    pub(crate) answer: String,
}

impl Turn {
    /// As much of it as is kept.
    pub(crate) fn new(question: &str, answer: &str) -> Self {
        Self {
            question: begin_of(question, MAX_QUESTION),
            answer: begin_of(answer, MAX_ANSWER),
        }
    }
}

fn begin_of(text: &str, most: usize) -> String {
    text.get(..text.floor_char_boundary(most))
        .unwrap_or_default()
        .to_owned()
}

/// What was said before in a conversation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    /// What the planner understood last.
    pub(crate) understood: Option<Understood>,
    /// The last turns, the oldest first.
    pub(crate) turns: VecDeque<Turn>,
}

impl Said {
    /// One more turn.
    pub(crate) fn and(mut self, turn: Turn) -> Self {
        self.turns.push_back(turn);
        if self.turns.len() > MAX_TURNS {
            self.turns.pop_front();
        }
        self
    }
}

#[derive(Debug)]
struct Session {
    said: Said,
    used: Duration,
}

impl Sessions {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            kept: Mutex::default(),
        }
    }

    /// What was said before, in this conversation.
    pub(crate) fn recall(&self, tenant: TenantKey, name: &str) -> Option<Said> {
        let now = self.clock.elapsed();
        let kept = self.lock();
        let session = kept.get(&(tenant, name.to_owned()))?;
        (now.saturating_sub(session.used) < IDLE).then(|| session.said.clone())
    }

    /// Keeps what was said for the next question.
    pub(crate) fn remember(&self, tenant: TenantKey, name: &str, said: Said) {
        let used = self.clock.elapsed();
        let mut kept = self.lock();
        kept.retain(|_, session| used.saturating_sub(session.used) < IDLE);
        kept.insert((tenant, name.to_owned()), Session { said, used });
        let of_tenant = kept.keys().filter(|(owner, _)| *owner == tenant).count();
        if of_tenant > MAX_OF_TENANT {
            forget_oldest(&mut kept, |owner| *owner == tenant);
        }
        if kept.len() > MAX_SESSIONS {
            forget_oldest(&mut kept, |_| true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(TenantKey, String), Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_oldest(kept: &mut HashMap<(TenantKey, String), Session>, may_go: impl Fn(&TenantKey) -> bool) {
    let of = kept.iter().filter(|((owner, _), _)| may_go(owner));
    let oldest = of
        .min_by_key(|(_, session)| session.used)
        .map(|(key, _)| key.clone());
    if let Some(oldest) = oldest {
        kept.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::ManualClock;

    use super::*;

    fn sessions() -> (Sessions, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::starting_at("2026-11-23T10:00:00Z".parse().unwrap()));
        (Sessions::new(clock.clone()), clock)
    }

    #[test]
    fn a_conversation_is_its_tenants_own() {
        let (sessions, _) = sessions();
        sessions.remember([1; 32], "one", Said::default());
        assert!(sessions.recall([1; 32], "one").is_some());
        assert!(sessions.recall([2; 32], "one").is_none());
        assert!(sessions.recall([1; 32], "two").is_none());
    }

    #[test]
    fn a_conversation_that_rests_is_forgotten() {
        let (sessions, clock) = sessions();
        sessions.remember([1; 32], "one", Said::default());
        clock.advance(IDLE);
        assert!(sessions.recall([1; 32], "one").is_none());
        sessions.remember([1; 32], "two", Said::default());
        assert_eq!(sessions.lock().len(), 1);
    }

    #[test]
    fn only_the_last_turns_are_kept_and_only_their_beginnings() {
        let long = "é".repeat(MAX_ANSWER);
        let said = (0..2 * MAX_TURNS).fold(Said::default(), |said, turn| {
            said.and(Turn::new(&turn.to_string(), &long))
        });
        assert_eq!(said.turns.len(), MAX_TURNS);
        assert_eq!(said.turns[0].question, MAX_TURNS.to_string());
        assert!(said.turns[0].answer.len() <= MAX_ANSWER);
    }

    #[test]
    fn there_are_only_so_many() {
        let (sessions, clock) = sessions();
        for number in 0..2 * MAX_OF_TENANT {
            clock.advance(Duration::from_secs(1));
            sessions.remember([1; 32], &number.to_string(), Said::default());
        }
        assert_eq!(sessions.lock().len(), MAX_OF_TENANT);
        assert!(sessions.recall([1; 32], "0").is_none());
        for number in 0..2 * MAX_SESSIONS {
            let mut tenant = [0; 32];
            tenant[..8].copy_from_slice(&number.to_le_bytes());
            sessions.remember(tenant, "one", Said::default());
        }
        assert_eq!(sessions.lock().len(), MAX_SESSIONS);
    }
}
