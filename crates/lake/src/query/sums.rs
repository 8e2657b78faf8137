//! Sums that never run over.
//!
//! A log's numbers are whoever's: a few lines of nine exabytes each would overflow a sum of 64 bits, and the engine's sums
//! wrap around without a word. So each number is summed in two halves, which billions of rows can't fill.

use datafusion::common::DataFusionError;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::{Expr, ExprFunctionExt, ident, lit};

use super::columns::Columns;
use crate::LakeError;

const HALF: u32 = 32;
const LOW: i64 = (1 << HALF) - 1;

/// What the two halves of a sum are called.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    column: &'static str,
    high: &'static str,
    low: &'static str,
}

/// Bytes sent.
pub(super) const SENT: Sum = Sum {
    column: "bytes_sent",
    high: "sent_high",
    low: "sent_low",
};
/// Sizes of objects.
pub(super) const OBJECTS: Sum = Sum {
    column: "object_size",
    high: "object_high",
    low: "object_low",
};
/// Bytes received.
pub(super) const RECEIVED: Sum = Sum {
    column: "bytes_received",
    high: "received_high",
    low: "received_low",
};

impl Sum {
    /// The sum of a column, of which one side of a moment is summed.
    pub(super) const fn new(column: &'static str, high: &'static str, low: &'static str) -> Self {
        Self { column, high, low }
    }

    /// What to aggregate.
    pub(super) fn figures(self) -> [Expr; 2] {
        let (high, low) = (
            ident(self.column) >> lit(i64::from(HALF)),
            ident(self.column) & lit(LOW),
        );
        [sum(high).alias(self.high), sum(low).alias(self.low)]
    }

    /// What to aggregate of the rows for which a condition holds.
    pub(super) fn figures_where(self, condition: &Expr) -> Result<[Expr; 2], DataFusionError> {
        let [high, low] = self.figures().map(Expr::unalias);
        let only = |figure: Expr| figure.filter(condition.clone()).build();
        Ok([only(high)?.alias(self.high), only(low)?.alias(self.low)])
    }

    /// The sum; of what doesn't fit, the largest number there is.
    pub(super) fn of(self, columns: Columns<'_>, row: usize) -> Result<u64, LakeError> {
        let half = |name| Ok::<_, LakeError>(u128::from(columns.count(name, row)?.unwrap_or(0)));
        let whole = (half(self.high)? << HALF).saturating_add(half(self.low)?);
        Ok(u64::try_from(whole).unwrap_or(u64::MAX))
    }
}
