//! `spacewatch findings`

use spacewatch_insight::{Finding, Findings, FindingsArgs, FindingsOutput, Severity};
use spacewatch_model::OneLine;

use super::asking::Asking;
use super::logs::tell_coverage;
use super::suppression;
use crate::cli::findings::FindingsArgs as FindingsLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: FindingsLine, verbose: u8) -> Result<(), Failure> {
    if let Some(command) = args.known {
        return suppression::run(command, verbose).await;
    }
    let asking = Asking::remembering(&args.log.store, args.log.flags(), verbose)?;
    let asked = FindingsArgs {
        bucket: args.bucket.unwrap_or_default(),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        rule: args.rule.unwrap_or_default(),
        min_severity: args.min_severity.unwrap_or_default(),
        wait: !args.log.no_wait,
    };
    let found = asking
        .ask::<Findings>("looking through access logs", asked)
        .await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    if !found.findings.is_empty() {
        output::print(&table(&found).render(output::terminal_width()))?;
    }
    for finding in found.findings.iter().filter(|finding| is_alarming(finding)) {
        output::print(&explanation(finding))?;
    }
    tell(&found);
    Ok(())
}

fn table(found: &FindingsOutput) -> Table {
    let mut table = Table::new(&[
        ("SEVERITY", Align::Left),
        ("RULE", Align::Left),
        ("LAST SEEN", Align::Left),
        ("FOUND", Align::Left),
    ]);
    for finding in &found.findings {
        let last = finding.last_seen.or(finding.first_seen);
        table.row(vec![
            severity(finding),
            finding.rule.clone(),
            last.map_or_else(|| "-".to_owned(), output::instant),
            finding.title.clone(),
        ]);
    }
    table
}

/// How bad it is; in brackets what is suppressed.
pub(super) fn severity(finding: &Finding) -> String {
    match finding.suppressed {
        Some(_) => format!("({})", finding.severity.as_str()),
        None => finding.severity.as_str().to_owned(),
    }
}

/// To be looked at, and not known already.
pub(super) fn is_alarming(finding: &Finding) -> bool {
    finding.severity >= Severity::Medium && finding.suppressed.is_none()
}

/// What the table has no room for, of what is to be looked at.
pub(super) fn explanation(finding: &Finding) -> String {
    let mut text = format!(
        "\n{}: {}\n  id    {}\n  why   {}\n  do    {}\n",
        finding.rule,
        OneLine(&finding.title),
        OneLine(&finding.id),
        OneLine(&finding.why),
        OneLine(&finding.advice)
    );
    for part in &finding.parts {
        text += &format!("  {:<5} {}", part.kind, OneLine(&part.value));
        if part.bytes_sent.is_some() {
            text += &format!(", {}", output::counted(part.requests, "request"));
        }
        text.push('\n');
    }
    for proof in &finding.proofs {
        text += &format!(
            "  shown by {}: {}\n",
            output::counted(proof.records, "record"),
            proof.about
        );
    }
    text
}

/// How many there are, and how many matter.
fn summary(all: usize, alarming: usize) -> String {
    let found = output::counted(all as u64, "finding");
    match (all, alarming) {
        (0, _) => "nothing found".to_owned(),
        (_, 0) => format!("{found}, none of them to be looked at"),
        (1, _) => format!("{found}, to be looked at"),
        (_, alarming) => format!(
            "{found}, {} of them to be looked at",
            output::thousands(alarming as u64)
        ),
    }
}

fn tell(found: &FindingsOutput) {
    let alarming = found.findings.iter().filter(|finding| is_alarming(finding));
    eprintln!("{}", summary(found.findings.len(), alarming.count()));
    if let Some(note) = &found.note {
        eprintln!("note: {}", OneLine(note));
    }
    for report in &found.rules {
        if let Some(why) = &report.not_judged {
            eprintln!("note: {} did not judge everything: {}", report.rule, OneLine(why));
        }
        if report.truncated {
            eprintln!("note: {} found more than is shown", report.rule);
        }
    }
    if let Some(caution) = &found.caution {
        eprintln!("caution: {}", OneLine(caution));
    }
    tell_coverage(&found.coverage);
}
