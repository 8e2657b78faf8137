//! `spacewatch posture`

use console::{Style, StyledObject};
use spacewatch_insight::{
    Answer, BucketPosture, Finding, HygieneTally, Posture, PostureArgs, PostureOutput, Setting, SettingName,
    SettingState, Severity,
};
use spacewatch_model::OneLine;

use super::asking::Asking;
use super::findings::severity;
use crate::cli::PostureArgs as PostureLine;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: PostureLine, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::remembering(&args.store, args.store.flags(), verbose)?;
    let named = args.bucket.is_some();
    let asked = PostureArgs { bucket: args.bucket };
    let found = asking.ask::<Posture>("looking at settings", asked).await?;
    if output::told(&args.store, &found)? {
        return Ok(());
    }
    let width = output::terminal_width();
    let tables: Vec<_> = if named {
        found.buckets.iter().map(settings).collect()
    } else {
        vec![buckets(&found), summary(&found)]
    };
    let shown: Vec<_> = tables.iter().map(|table| table.render(width)).collect();
    output::print(&shown.join("\n"))?;
    output::print(&told_findings(&found.findings))?;
    tell(&found);
    Ok(())
}

fn buckets(found: &PostureOutput) -> Table {
    let mut table = Table::new(&[
        ("LOGGING", Align::Left),
        ("VERSIONING", Align::Left),
        ("LIFECYCLE", Align::Left),
        ("ABORT RULE", Align::Left),
        ("PUBLIC LISTING", Align::Left),
        ("WORST", Align::Left),
        ("BUCKET", Align::Left),
    ]);
    for row in &found.buckets {
        let hygiene = &row.hygiene;
        let mut cells = vec![
            short(hygiene.logging),
            short(hygiene.versioning),
            short(hygiene.lifecycle),
            short(hygiene.abort_rule),
            listing(row),
            row.worst.map_or("-", Severity::as_str),
        ];
        cells.push(row.bucket.as_str());
        table.row(cells.into_iter().map(str::to_owned).collect());
    }
    table
}

fn short(answer: Answer) -> &'static str {
    match answer {
        Answer::NotAllowed => "not allowed",
        told => told.as_str(),
    }
}

fn listing(row: &BucketPosture) -> &'static str {
    let state = row
        .settings
        .iter()
        .find(|setting| setting.name == SettingName::PublicListing)
        .map(|setting| setting.state);
    match state {
        Some(SettingState::Set) => "OPEN",
        Some(SettingState::NotSet) => "closed",
        _ => "unknown",
    }
}

/// Which buckets have no logging, versioning, lifecycle, abort rule.
fn summary(found: &PostureOutput) -> Table {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("WITH", Align::Right),
        ("WITHOUT", Align::Right),
        ("UNKNOWN", Align::Right),
        ("BUCKETS WITHOUT", Align::Left),
    ]);
    let summary = &found.summary;
    let mut row = |name: &str, tally: &HygieneTally| {
        let names: Vec<_> = tally.without.iter().map(|bucket| bucket.as_str()).collect();
        table.row(vec![
            name.to_owned(),
            output::thousands(tally.with as u64),
            output::thousands(tally.without.len() as u64),
            output::thousands(tally.unknown.len() as u64),
            names.join(" "),
        ]);
    };
    row("logging", &summary.logging);
    row("versioning", &summary.versioning);
    row("lifecycle", &summary.lifecycle);
    row("abort rule", &summary.abort_rule);
    table
}

fn settings(found: &BucketPosture) -> Table {
    let mut table = Table::new(&[
        ("SETTING", Align::Left),
        ("STATE", Align::Left),
        ("WHAT IT IS", Align::Left),
    ]);
    for setting in &found.settings {
        table.row(vec![
            setting.name.as_str().replace('_', " "),
            setting.state.words().to_owned(),
            detail(setting).to_owned(),
        ]);
    }
    table
}

/// What the state doesn't say yet.
fn detail(setting: &Setting) -> &str {
    if setting.detail == setting.state.words() {
        "-"
    } else {
        &setting.detail
    }
}

fn told_findings(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        if let Some(known) = &finding.suppressed {
            text += &format!(
                "\n{} {}\n         suppressed until {}: {}\n",
                Style::new().dim().apply_to(format!("{:<8}", severity(finding))),
                OneLine(&finding.title),
                output::instant(known.until),
                OneLine(&known.reason)
            );
            continue;
        }
        text += &format!(
            "\n{} {}\n         {}\n         do: {}\n         id: {}\n",
            mark(finding.severity),
            OneLine(&finding.title),
            OneLine(&finding.why),
            OneLine(&finding.advice),
            OneLine(&finding.id)
        );
    }
    text
}

/// Words and not only colours, for readers and for pipes.
fn mark(severity: Severity) -> StyledObject<String> {
    let style = match severity {
        Severity::Critical | Severity::High => Style::new().red().bold(),
        Severity::Medium => Style::new().yellow(),
        Severity::Low | Severity::Info => Style::new().cyan(),
    };
    style.apply_to(format!("{:<8}", severity.as_str()))
}

fn tell(found: &PostureOutput) {
    eprintln!(
        "{} in {}",
        output::counted(found.findings.len() as u64, "finding"),
        output::counted(found.buckets.len() as u64, "bucket"),
    );
    for row in found.buckets.iter().filter(|row| !row.not_allowed.is_empty()) {
        let names: Vec<_> = row.not_allowed.iter().map(|name| name.as_str()).collect();
        eprintln!(
            "note: these keys may not see of `{}`: {}",
            row.bucket,
            names.join(", ")
        );
    }
    for row in &found.unreachable {
        eprintln!(
            "note: `{}` was not looked at: {}",
            row.bucket,
            OneLine(&row.detail)
        );
    }
    if let Some(note) = &found.note {
        eprintln!("note: {}", OneLine(note));
    }
}
