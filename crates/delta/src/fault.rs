//! Where tests make a disk fail, or die.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A moment at which a test may stop the process, or let the step fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultPoint {
    /// Before a file is written as a whole.
    FileUnwritten,
    /// A file was written under another name, and doesn't have its own yet.
    FileUnnamed,
    /// A file that nobody needs is removed next.
    Vacuuming,
}

type Hook = Arc<dyn Fn(FaultPoint) -> io::Result<()> + Send + Sync>;

/// What happens at fault points: nothing, but in tests.
#[derive(Clone, Default)]
pub struct Faults(Option<Hook>);

impl Faults {
    /// Asks `hook` at each point.
    pub fn with(hook: impl Fn(FaultPoint) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(crate) fn at(&self, point: FaultPoint) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |hook| hook(point))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faults").field(&self.0.is_some()).finish()
    }
}
