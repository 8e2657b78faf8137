//! How objects are read: to their end or not, as a whole or in parts.

use spacewatch_lake::READS;

use super::Rule;
use super::scene::{Scene, Verdict, counted, given, percent};
use crate::finding::{Figure, Severity};
use crate::{SearchLogsArgs, ToolError};

/// A tenth of all whole reads broken off is more than visitors who leave a page, once there are a hundred of them.
const ABORTS_PERCENT: f64 = 10.0;
const LEAST_ABORTS: u64 = 100;

pub(super) async fn aborts(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let totals = &scene.census.totals;
    let mut verdict = Verdict::default();
    if totals.cut_short == 0 {
        return Ok(verdict);
    }
    let share = percent(totals.cut_short, totals.whole_reads);
    let many = share >= ABORTS_PERCENT && totals.cut_short >= LEAST_ABORTS;
    let severity = if many { Severity::Low } else { Severity::Info };
    let mut finding = scene.finding(Rule::ClientAborts, severity, None);
    finding.title = format!(
        "{} of {} ended before the object's end ({share:.1}%)",
        counted(totals.cut_short, "read"),
        totals.whole_reads
    );
    finding.why = "whoever goes away in the middle paid for what it didn't get, or was cut off: by its own timeout, a proxy, a bad line".to_owned();
    finding.advice =
        "look whether it is always the same client, or always large objects; those are better read in ranges"
            .to_owned();
    finding.figures = vec![
        Figure::count("broken_off", totals.cut_short),
        Figure::count("whole_reads", totals.whole_reads),
        Figure::new("broken_off_share", share, "Percent"),
    ];
    let query = SearchLogsArgs {
        cut_short: true,
        ..scene.search_reads()
    };
    let whole = (scene.window(), totals.cut_short);
    finding.proofs.push(
        scene
            .proof("the reads that were broken off", query, whole)
            .await?,
    );
    verdict.add(finding);
    Ok(verdict)
}

pub(super) async fn ranges(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let totals = &scene.census.totals;
    let mut verdict = Verdict::default();
    if totals.partial_reads == 0 {
        return Ok(verdict);
    }
    let share = percent(totals.partial_reads, totals.reads);
    let mut finding = scene.finding(Rule::RangeReads, Severity::Info, None);
    finding.title = format!(
        "{share:.1}% of {} were for parts of objects",
        counted(totals.reads, "read")
    );
    finding.why =
        "players, downloads that go on and query engines read parts; each part is a request of its own"
            .to_owned();
    finding.advice =
        "nothing need be done; many small ranges of the same objects are better served by a cache".to_owned();
    finding.figures = vec![
        Figure::count("range_reads", totals.partial_reads),
        Figure::count("reads", totals.reads),
        Figure::new("range_share", share, "Percent"),
    ];
    let query = SearchLogsArgs {
        operation: given(&READS.join(",")),
        status: given("206"),
        ..scene.search()
    };
    let whole = (scene.window(), totals.partial_reads);
    finding
        .proofs
        .push(scene.proof("the reads of parts", query, whole).await?);
    verdict.add(finding);
    Ok(verdict)
}
