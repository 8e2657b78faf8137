//! Which two of the kept inventories are compared.

use jiff::Timestamp;
use spacewatch_inventory::KeptInventory;
use spacewatch_model::{ErrorCode, TimeRange};

use super::{DiffArgs, saw_versions};
use crate::{Tenant, ToolError};

/// Two inventories, the second begun later.
pub(super) struct Picked {
    pub(super) from: KeptInventory,
    pub(super) to: KeptInventory,
}

impl Picked {
    /// From the beginning of the first scan to the end of the second one: whatever changed, changed then.
    /// Logs tell whole seconds, so it begins with the one that the scan began in.
    pub(super) fn window(&self) -> TimeRange {
        let began = self.from.basis().as_of;
        TimeRange {
            from: Some(Timestamp::from_second(began.as_second()).unwrap_or(began)),
            to: Some(self.to.basis().finished_at),
        }
    }

    /// Both saw older versions and delete markers.
    pub(super) fn see_versions(&self) -> bool {
        saw_versions(self.from.basis().versions) && saw_versions(self.to.basis().versions)
    }
}

/// The inventories that are meant.
pub(super) async fn pick(tenant: &Tenant, args: &DiffArgs) -> Result<Picked, ToolError> {
    let now = tenant.now();
    let until = args.to.get().map(|to| to.end(now)).transpose()?;
    let since = args.from.get().map(|from| from.beginning(now)).transpose()?;
    let inventory = tenant.inventories.open(&tenant.store, &args.bucket);
    let all = inventory.all_kept(&args.prefix).await?;
    if all.is_empty() {
        // Says what is missing, and how to come by it.
        inventory.required(&args.prefix, None).await?;
    }
    let begun: Vec<Timestamp> = all.iter().map(|kept| kept.basis().as_of).collect();
    let (to, from) = places(&begun, since, until).ok_or_else(|| too_few(&begun, since, until))?;
    let mut all = all.into_iter().enumerate();
    let mut take = |place: usize| all.find_map(|(at, kept)| (at == place).then_some(kept));
    // The newest stand first.
    match (take(to), take(from)) {
        (Some(to), Some(from)) => Ok(Picked { from, to }),
        _ => Err(too_few(&begun, since, until)),
    }
}

/// Where the second and the first one stand among all, the newest first.
fn places(begun: &[Timestamp], since: Option<Timestamp>, until: Option<Timestamp>) -> Option<(usize, usize)> {
    let at_or_before = |moment: Option<Timestamp>| {
        begun
            .iter()
            .position(|begun| moment.is_none_or(|moment| *begun <= moment))
    };
    let to = at_or_before(until)?;
    let newest = begun.get(to)?;
    let earlier = begun.iter().position(|begun| begun < newest)?;
    let from = match since {
        Some(_) => at_or_before(since)?,
        None => earlier,
    };
    (from >= earlier).then_some((to, from))
}

fn too_few(begun: &[Timestamp], since: Option<Timestamp>, until: Option<Timestamp>) -> ToolError {
    let kept: Vec<String> = begun.iter().rev().map(|begun| format!("{begun:.0}")).collect();
    let wished = match (since, until) {
        (None, None) => String::new(),
        (Some(since), None) => format!(" that reach back to {since:.0}"),
        (None, Some(until)) => format!(" begun at {until:.0} or before"),
        (Some(since), Some(until)) => format!(" of {since:.0} and {until:.0}, or before"),
    };
    ToolError::new(
        ErrorCode::NotFound,
        format!("there are no two inventories{wished} to compare; kept are those begun {}", kept.join(", ")),
    )
    .with_hint(
        "take another one with `spacewatch inventory run BUCKET` or `POST /tools/inventory/run`; the newest three are kept, and one a \
         week",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(since: Option<i64>, until: Option<i64>, expected: Option<(usize, usize)>) {
        let at = |second: i64| Timestamp::from_second(second).expect("a time");
        let begun = [50, 40, 40, 20].map(at);
        assert_eq!(
            places(&begun, since.map(at), until.map(at)),
            expected,
            "{since:?} {until:?}"
        );
    }

    #[test]
    fn the_newest_at_or_before_is_meant() {
        check(None, None, Some((0, 1)));
        check(Some(45), None, Some((0, 1)));
        check(Some(39), None, Some((0, 3)));
        check(Some(20), Some(49), Some((1, 3)));
        check(None, Some(40), Some((1, 3)));
        check(Some(50), None, None);
        check(Some(19), None, None);
        check(None, Some(20), None);
        check(Some(49), Some(30), None);
        assert_eq!(places(&[], None, None), None);
    }
}
