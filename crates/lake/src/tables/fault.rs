//! Where tests make the lake fail or die.

use std::fmt;
use std::sync::Arc;

/// A moment at which a test may stop the process, or let the step fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum FaultPoint {
    /// Something is done to a file.
    File(spacewatch_delta::FaultPoint),
    /// A batch was recorded; no table has it.
    BatchRecorded,
    /// Some tables have the batch, others don't.
    BetweenTables,
    /// The file that takes the place of others was written; the table doesn't name it.
    Compacted,
    /// All tables have the batch, which is not marked as done.
    BatchUnmarked,
}

type Hook = Arc<dyn Fn(FaultPoint) -> std::io::Result<()> + Send + Sync>;

/// What happens at fault points: nothing, but in tests.
#[derive(Clone, Default)]
pub(crate) struct Faults(Option<Hook>);

impl Faults {
    /// Asks `hook` at each point.
    #[cfg(test)]
    pub(crate) fn with(hook: impl Fn(FaultPoint) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn at(&self, point: FaultPoint) -> std::io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(point))
    }

    /// The part of it that happens to files.
    pub(super) fn of_files(&self) -> spacewatch_delta::Faults {
        let Some(hook) = self.0.clone() else {
            return spacewatch_delta::Faults::default();
        };
        spacewatch_delta::Faults::with(move |point| hook(FaultPoint::File(point)))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faults").field(&self.0.is_some()).finish()
    }
}
