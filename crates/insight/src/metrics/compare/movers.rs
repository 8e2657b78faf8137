//! Who explains the change between two periods.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Lake, RecordFilter, Top, TopAsk, TopRow};
use utoipa::ToSchema;

use super::super::figures::percent;
use crate::{ToolError, TopMeasure};

/// What changes are explained by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovedBy {
    /// The key's first folder.
    Prefix,
    /// The key.
    Key,
    /// The client's address.
    Ip,
    /// Who asked.
    Requester,
    /// The operation.
    Operation,
    /// The HTTP status.
    Status,
    /// The store's error code.
    ErrorCode,
}

impl MovedBy {
    pub(super) const ALL: &[Self] = &[
        Self::Prefix,
        Self::Key,
        Self::Ip,
        Self::Requester,
        Self::Operation,
        Self::Status,
        Self::ErrorCode,
    ];

    fn dimension(self) -> Dimension {
        match self {
            Self::Prefix => Dimension::Prefix { depth: 1 },
            Self::Key => Dimension::Key,
            Self::Ip => Dimension::RemoteIp,
            Self::Requester => Dimension::Requester,
            Self::Operation => Dimension::Operation,
            Self::Status => Dimension::Status,
            Self::ErrorCode => Dimension::ErrorCode,
        }
    }
}

/// Who explains the change in requests, bytes sent or errors, by one dimension.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Movers {
    /// The dimension.
    pub by: MovedBy,
    /// What was compared.
    pub measure: TopMeasure,
    /// The values that changed most, up or down.
    pub movers: Vec<Mover>,
    /// Every value of both periods was compared. Otherwise those with most in each were.
    pub exact: bool,
}

/// A value and how its requests, bytes or errors changed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Mover {
    /// The value.
    pub value: String,
    /// Its requests, bytes or errors before.
    pub before: u64,
    /// Those after.
    pub after: u64,
    /// The second less the first.
    pub change: i64,
    /// That in percent of the whole change; above 100, or negative, where others moved the other way. Absent where
    /// all together did not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_percent: Option<f64>,
    /// The value is among those with most in one period only; for the other the largest number it may have there is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_most: bool,
}

/// So many of those with most in each period are compared.
const COMPARED: usize = 1000;

pub(super) async fn movers(
    lake: &Lake,
    by: MovedBy,
    (before, after): (&RecordFilter, &RecordFilter),
    (measure, rows): (TopMeasure, usize),
) -> Result<Movers, ToolError> {
    let ask = |filter: &RecordFilter| TopAsk {
        filter: filter.clone(),
        dimension: by.dimension(),
        by: measure.measure(),
        limit: COMPARED,
    };
    let before = lake.top(&ask(before)).await?;
    let after = lake.top(&ask(after)).await?;
    Ok(compared((by, measure), &before, &after, rows))
}

fn of_row(measure: TopMeasure, row: &TopRow) -> u64 {
    match measure {
        TopMeasure::Requests => row.requests,
        TopMeasure::Bytes => row.bytes_sent,
        TopMeasure::Errors => row.errors,
    }
}

fn of_all(measure: TopMeasure, top: &Top) -> u64 {
    match measure {
        TopMeasure::Requests => top.requests,
        TopMeasure::Bytes => top.bytes_sent,
        TopMeasure::Errors => top.errors,
    }
}

/// What a value has that is not among the rows: nothing when those are all, else no more than the last of them.
fn beyond(measure: TopMeasure, top: &Top) -> u64 {
    let all = u64::try_from(top.rows.len()).unwrap_or(u64::MAX) >= top.distinct;
    if all {
        0
    } else {
        top.rows.last().map_or(0, |row| of_row(measure, row))
    }
}

fn compared((by, measure): (MovedBy, TopMeasure), before: &Top, after: &Top, rows: usize) -> Movers {
    let mut counts: HashMap<&str, (Option<u64>, Option<u64>)> = HashMap::new();
    for row in &before.rows {
        counts.entry(&row.value).or_default().0 = Some(of_row(measure, row));
    }
    for row in &after.rows {
        counts.entry(&row.value).or_default().1 = Some(of_row(measure, row));
    }
    let (beyond_before, beyond_after) = (beyond(measure, before), beyond(measure, after));
    let whole = difference(of_all(measure, before), of_all(measure, after));
    let mut movers: Vec<Mover> = counts
        .into_iter()
        .map(|(value, (was, is))| {
            let unknown = (was.is_none() && beyond_before > 0) || (is.is_none() && beyond_after > 0);
            let (before, after) = (was.unwrap_or(beyond_before), is.unwrap_or(beyond_after));
            let change = difference(before, after);
            Mover {
                value: value.to_owned(),
                before,
                after,
                change,
                share_percent: share(change, whole),
                at_most: unknown,
            }
        })
        .filter(|mover| mover.change != 0)
        .collect();
    movers.sort_by(|a, b| {
        let rank = |mover: &Mover| Reverse(mover.change.unsigned_abs());
        rank(a).cmp(&rank(b)).then_with(|| a.value.cmp(&b.value))
    });
    movers.truncate(rows);
    Movers {
        by,
        measure,
        movers,
        exact: beyond_before == 0 && beyond_after == 0,
    }
}

fn difference(before: u64, after: u64) -> i64 {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    after.saturating_sub(i64::try_from(before).unwrap_or(i64::MAX))
}

fn share(change: i64, whole: i64) -> Option<f64> {
    let share = percent(change.unsigned_abs(), whole.unsigned_abs());
    let opposite = (change < 0) != (whole < 0);
    (whole != 0).then_some(if opposite { -share } else { share })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use spacewatch_lake::TopRow;
    use spacewatch_model::Timestamp;

    use super::*;

    fn top(rows: &[(&str, u64)], distinct: u64) -> Top {
        let row = |&(value, requests): &(&str, u64)| TopRow {
            value: value.to_owned(),
            requests,
            bytes_sent: requests * 1000,
            errors: requests / 10,
            first_seen: Timestamp::UNIX_EPOCH,
            last_seen: Timestamp::UNIX_EPOCH,
        };
        Top {
            rows: rows.iter().map(row).collect(),
            distinct,
            requests: rows.iter().map(|(_, requests)| requests).sum(),
            bytes_sent: rows.iter().map(|(_, requests)| requests * 1000).sum(),
            errors: rows.iter().map(|(_, requests)| requests / 10).sum(),
            ..Top::default()
        }
    }

    fn check(measure: TopMeasure, before: &Top, after: &Top, expected: Expect) {
        let found = compared((MovedBy::Ip, measure), before, after, 3);
        let mut shown = format!("exact {}\n", found.exact);
        for mover in found.movers {
            let Mover {
                value,
                before,
                after,
                change,
                share_percent,
                at_most,
            } = mover;
            let share = share_percent.map_or("-".to_owned(), |share| format!("{share:.0} %"));
            shown += &format!(
                "{value} {before} -> {after} ({change:+}, {share}){}\n",
                if at_most { " at most" } else { "" }
            );
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn the_largest_changes_come_first() {
        check(
            TopMeasure::Requests,
            &top(&[("a", 100), ("b", 50), ("c", 10), ("d", 9)], 4),
            &top(&[("e", 200), ("a", 60), ("b", 50), ("c", 11)], 4),
            expect![[r#"
                exact true
                e 0 -> 200 (+200, 132 %)
                a 100 -> 60 (-40, -26 %)
                d 9 -> 0 (-9, -6 %)
            "#]],
        );
    }

    #[test]
    fn bytes_and_errors_move_for_themselves() {
        let before = top(&[("a", 100), ("b", 50)], 2);
        let after = top(&[("a", 109), ("b", 10)], 2);
        check(
            TopMeasure::Bytes,
            &before,
            &after,
            expect![[r#"
                exact true
                b 50000 -> 10000 (-40000, 129 %)
                a 100000 -> 109000 (+9000, -29 %)
            "#]],
        );
        check(
            TopMeasure::Errors,
            &before,
            &after,
            expect![[r#"
                exact true
                b 5 -> 1 (-4, 100 %)
            "#]],
        );
    }

    #[test]
    fn what_is_not_among_the_busiest_is_no_zero() {
        check(
            TopMeasure::Requests,
            &top(&[("a", 100), ("b", 50)], 9),
            &top(&[("c", 100), ("a", 50)], 2),
            expect![[r#"
                exact false
                a 100 -> 50 (-50, -)
                b 50 -> 0 (-50, -)
                c 50 -> 100 (+50, -) at most
            "#]],
        );
    }
}
