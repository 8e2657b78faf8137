//! `spacewatch anomalies`

use spacewatch_insight::{Anomalies, AnomaliesArgs, AnomaliesOutput, Finding, Limit, SourceBucket};
use spacewatch_model::OneLine;

use super::asking::Asking;
use super::findings::{explanation, is_alarming, severity};
use super::logs::tell_coverage;
use crate::cli::anomalies::AnomaliesArgs as AnomaliesLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: AnomaliesLine, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = AnomaliesArgs {
        bucket: args.bucket.map(SourceBucket::from).unwrap_or_default(),
        metric: args.metric.unwrap_or_default(),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        hours: None,
        limit: Some(Limit(args.limit.into())),
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<Anomalies>("judging hours", asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    if !found.findings.is_empty() {
        output::print(&table(&found.findings).render(output::terminal_width()))?;
    }
    for finding in found.findings.iter().filter(|finding| is_alarming(finding)) {
        output::print(&explanation(finding))?;
    }
    tell(&found);
    tell_coverage(&found.coverage);
    Ok(())
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(&[
        ("SEVERITY", Align::Left),
        ("FROM", Align::Left),
        ("TO", Align::Left),
        ("WHAT", Align::Left),
    ]);
    let moment = |moment: Option<jiff::Timestamp>| moment.map_or_else(String::new, output::instant);
    for finding in findings {
        table.row(vec![
            severity(finding),
            moment(finding.first_seen),
            moment(finding.last_seen),
            OneLine(&finding.title).to_string(),
        ]);
    }
    table
}

/// What the verdicts rest on, on standard error.
fn tell(found: &AnomaliesOutput) {
    let more = if found.truncated {
        ", the worst of more"
    } else {
        ""
    };
    let times = match found.anomalies.len() {
        0 => "nothing".to_owned(),
        times => output::counted(times as u64, "time"),
    };
    eprintln!(
        "{times} out of the ordinary, {} judged of {}{more}",
        output::counted(found.hours_judged as u64, "hour"),
        found.window,
    );
    for left in &found.not_judged {
        let (from, to) = (output::instant(left.from), output::instant(left.to));
        eprintln!("not judged: {from} to {to}: {}", left.why);
    }
    if let Some(note) = &found.note {
        eprintln!("note: {}", OneLine(note));
    }
}
