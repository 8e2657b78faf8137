//! Changes to a table.

use deltalake::kernel::Add;
use deltalake::protocol::{DeltaOperation, SaveMode};
use object_store::path::Path;

/// What a commit does to a table, all at once.
#[derive(Debug)]
pub struct Change {
    pub(crate) operation: DeltaOperation,
    pub(crate) data_change: bool,
    pub(crate) adds: Vec<Add>,
    pub(crate) removed: Vec<Path>,
    pub(crate) number: Option<u64>,
}

impl Change {
    /// New rows.
    pub fn append(adds: Vec<Add>) -> Self {
        Self {
            operation: DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: None,
                predicate: None,
            },
            data_change: true,
            adds,
            removed: Vec::new(),
            number: None,
        }
    }

    /// The same rows in other files.
    pub fn rewrite(adds: Vec<Add>, removed: Vec<Path>) -> Self {
        Self {
            operation: DeltaOperation::Optimize {
                predicate: None,
                target_size: 0,
            },
            data_change: false,
            removed,
            ..Self::append(adds)
        }
    }

    /// Other rows in the place of some.
    pub fn replace(adds: Vec<Add>, removed: Vec<Path>) -> Self {
        Self {
            operation: DeltaOperation::Write {
                mode: SaveMode::Overwrite,
                partition_by: None,
                predicate: None,
            },
            removed,
            ..Self::append(adds)
        }
    }

    /// Rows go.
    pub fn delete(removed: Vec<Path>) -> Self {
        Self {
            operation: DeltaOperation::Delete { predicate: None },
            removed,
            ..Self::append(Vec::new())
        }
    }

    /// The commit carries this number, which [`TableLog::number`] tells afterwards.
    pub fn numbered(mut self, number: u64) -> Self {
        self.number = Some(number);
        self
    }
}
