//! Pictures drawn a moment ago, each for whoever asked for it.
//!
//! A page with twelve plots that is loaded again asks nothing of the lake. A picture is found by the whole question, which holds
//! the fingerprint of the credentials; whoever serves it makes sure first that the store still lets them read the log.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use spacewatch_model::Clock;

use crate::work::Question;

/// How long a picture is shown again. Browsers are told the same.
pub(super) const SHOWN_FOR: Duration = Duration::from_secs(30);
/// Bytes of pictures kept at once.
const MAX_BYTES: usize = 32 << 20;
/// Pictures kept at once.
const MAX_PICTURES: usize = 1024;

/// The pictures of all tenants.
pub(crate) struct Pictures<Q = Question> {
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<Q, Kept>>,
}

struct Kept {
    picture: Bytes,
    drawn: Duration,
}

impl<Q: Eq + Hash + Clone> Pictures<Q> {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            kept: Mutex::default(),
        }
    }

    /// The picture, if it was drawn a moment ago.
    pub(super) fn find(&self, question: &Q) -> Option<Bytes> {
        let now = self.clock.elapsed();
        let kept = self.kept();
        let found = kept.get(question)?;
        (now.saturating_sub(found.drawn) < SHOWN_FOR).then(|| found.picture.clone())
    }

    /// Keeps a picture for a moment; where there is no room, the oldest go.
    pub(super) fn keep(&self, question: Q, picture: Bytes) {
        let now = self.clock.elapsed();
        let mut kept = self.kept();
        kept.retain(|_, old| now.saturating_sub(old.drawn) < SHOWN_FOR);
        if picture.len() > MAX_BYTES / 8 {
            return;
        }
        let fresh = Kept { picture, drawn: now };
        kept.insert(question, fresh);
        let mut bytes: usize = kept.values().map(|kept| kept.picture.len()).sum();
        while bytes > MAX_BYTES || kept.len() > MAX_PICTURES {
            let oldest = kept.iter().min_by_key(|(_, kept)| kept.drawn);
            let Some(oldest) = oldest.map(|(question, _)| question.clone()) else {
                break;
            };
            bytes -= kept.remove(&oldest).map_or(0, |kept| kept.picture.len());
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Q, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::{ManualClock, Timestamp};

    use super::*;

    #[test]
    fn pictures_go_after_a_moment_and_when_there_are_too_many() {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::UNIX_EPOCH));
        let pictures = Pictures::new(clock.clone());
        pictures.keep(0, Bytes::from_static(b"picture"));
        clock.advance(Duration::from_secs(1));
        assert_eq!(pictures.find(&0).as_deref(), Some(&b"picture"[..]));
        let large = Bytes::from(vec![0; MAX_BYTES / 8]);
        for number in 1..=8 {
            pictures.keep(number, large.clone());
            clock.advance(Duration::from_millis(1));
        }
        assert_eq!(
            (pictures.find(&0), pictures.find(&1)),
            (None, Some(large.clone()))
        );
        pictures.keep(9, Bytes::from(vec![0; MAX_BYTES / 8 + 1]));
        assert_eq!(pictures.find(&9), None);
        clock.advance(SHOWN_FOR);
        assert_eq!(pictures.find(&8), None);
    }
}
