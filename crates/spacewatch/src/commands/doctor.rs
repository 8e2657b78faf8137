//! `spacewatch doctor`

use console::{Style, StyledObject};
use serde::Serialize;
use spacewatch_insight::{Check, CheckStatus, Diagnose, DiagnoseArgs, DiagnoseOutput};
use spacewatch_model::OneLine;

use super::asking::Asking;
use crate::cli::DoctorArgs;
use crate::configuration::Loaded;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// The diagnosis and where the settings behind it came from.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    diagnosis: DiagnoseOutput,
    settings: Vec<SettingSource>,
    remarks: Vec<String>,
}

/// A setting that is not left at its default. Its value is not shown: it may be a secret.
#[derive(Debug, Serialize)]
struct SettingSource {
    key: &'static str,
    source: String,
}

pub(super) async fn run(args: DoctorArgs, verbose: u8) -> Result<(), Failure> {
    output::refuse_export(&args.store)?;
    let asking = Asking::start(&args.store, verbose)?;
    let named = args.bucket.is_some();
    let diagnosis = asking
        .ask::<Diagnose>("looking around", DiagnoseArgs { bucket: args.bucket })
        .await?;
    let failure = failure(&diagnosis, named);
    let report = report(diagnosis, &asking.loaded);
    if args.store.json {
        output::print_json(&report)?
    } else {
        output::print(&shown(&report))?
    }
    failure.map_or(Ok(()), Err)
}

fn report(diagnosis: DiagnoseOutput, loaded: &Loaded) -> Report {
    let settings = loaded.given.iter().map(|given| SettingSource {
        key: given.key,
        source: given.source.to_string(),
    });
    Report {
        diagnosis,
        settings: settings.collect(),
        remarks: loaded.remarks.clone(),
    }
}

/// A bucket that was asked for by name must work; buckets found by the way need not.
fn failure(diagnosis: &DiagnoseOutput, named: bool) -> Option<Failure> {
    let failed = |check: &&Check| {
        check.status == CheckStatus::Failed
            || (named && check.name == "bucket" && check.status != CheckStatus::Ok)
    };
    let check = diagnosis.checks.iter().find(failed)?;
    Some(Failure::new(
        check.code.map_or(Exit::Failed, Exit::from),
        format!("`{}` failed: {}", check.name, check.detail),
    ))
}

fn shown(report: &Report) -> String {
    let diagnosis = &report.diagnosis;
    let mut text = format!(
        "endpoint  {}\nregion    {}\n",
        diagnosis.endpoint, diagnosis.region
    );
    for check in diagnosis.checks.iter().filter(|check| check.bucket.is_none()) {
        text += &check_lines(check);
    }
    let mut bucket = None;
    for check in diagnosis.checks.iter().filter(|check| check.bucket.is_some()) {
        if check.bucket != bucket {
            bucket = check.bucket.clone();
            let name = bucket.as_ref().map_or("", |name| name.as_str());
            text += &format!("\n{}\n", Style::new().bold().apply_to(name));
        }
        text += &check_lines(check);
    }
    if !report.settings.is_empty() {
        text += "\nsettings that are not defaults\n";
        for setting in &report.settings {
            text += &format!("    {:<28}from {}\n", setting.key, setting.source);
        }
    }
    for remark in &report.remarks {
        text += &format!("note: {}\n", OneLine(remark));
    }
    text
}

fn check_lines(check: &Check) -> String {
    let mut lines = format!(
        "{} {:<14} {}\n",
        mark(check.status),
        check.name,
        OneLine(&check.detail)
    );
    if let Some(hint) = &check.hint {
        lines += &format!("                    hint: {}\n", OneLine(hint));
    }
    lines
}

/// Words and not only colours, for readers and for pipes.
fn mark(status: CheckStatus) -> StyledObject<&'static str> {
    match status {
        CheckStatus::Ok => Style::new().green().apply_to("ok  "),
        CheckStatus::Note => Style::new().cyan().apply_to("note"),
        CheckStatus::Warning => Style::new().yellow().apply_to("warn"),
        CheckStatus::Failed => Style::new().red().bold().apply_to("FAIL"),
    }
}
