//! `spacewatch evidence verify`

use std::fs::File;
use std::path::Path;

use serde_json::Value;
use spacewatch_insight::{ObjectVerdict, Verification, VerifiedBundle};
use spacewatch_model::OneLine;

use super::super::asking::Asking;
use crate::cli::evidence::VerifyArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: VerifyArgs, verbose: u8) -> Result<(), Failure> {
    let bundle = open(&args.bundle)?;
    let found = match &args.local {
        Some(directory) => at_files(&bundle, directory)?,
        None => at_store(&bundle, &args, verbose).await?,
    };
    if !output::told(&args.store, &found)? {
        show(&found)?;
    }
    match found.verified {
        true => Ok(()),
        false => Err(unverified(&found)),
    }
}

fn open(path: &Path) -> Result<VerifiedBundle, Failure> {
    let file = File::open(path).map_err(|error| {
        Failure::new(Exit::Usage, format!("can't read `{}`", path.display())).caused_by(&error)
    })?;
    // A damaged bundle is no wrong command line.
    VerifiedBundle::open(file).map_err(|error| {
        let failure = Failure::new(Exit::Failed, error.detail);
        match error.hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    })
}

fn at_files(bundle: &VerifiedBundle, directory: &Path) -> Result<Verification, Failure> {
    if !directory.is_dir() {
        return Err(Failure::usage(format!(
            "`{}` is no directory",
            directory.display()
        )));
    }
    Ok(bundle.at_files(directory))
}

async fn at_store(bundle: &VerifiedBundle, args: &VerifyArgs, verbose: u8) -> Result<Verification, Failure> {
    let asking = Asking::start(&args.store, verbose)?;
    let (asked, named) = (
        asking.tenant.store.endpoint().host(),
        &bundle.manifest().store.endpoint,
    );
    if asked != named {
        eprintln!(
            "note: the bundle is from `{}`, asked is `{asked}`",
            OneLine(named)
        );
    }
    let checking = bundle.at_store(&asking.tenant);
    output::watched("reading log objects", &asking.tenant.progress, checking).await
}

fn show(found: &Verification) -> Result<(), Failure> {
    let manifest = &found.manifest;
    output::print(&format!(
        "{} of {} from {}, saved {} by SpaceWatch {}\nfingerprint {}\n\n",
        output::counted(manifest.records, "record"),
        OneLine(&manifest.question.tool),
        OneLine(&format!(
            "{}/{}",
            manifest.store.endpoint, manifest.store.log_bucket
        )),
        output::instant(manifest.created_at),
        OneLine(&manifest.tool_version),
        found.fingerprint,
    ))?;
    if let Some(finding) = &found.finding {
        output::print(&about(finding))?;
    }
    for setting in &found.settings {
        output::print(&format!(
            "setting {} of {}, sha256 {}\n",
            OneLine(&setting.name),
            OneLine(&setting.bucket),
            setting.sha256
        ))?;
    }
    if !found.objects.is_empty() {
        output::print(&objects(found).render(output::terminal_width()))?;
    }
    for ObjectVerdict { key, detail, .. } in &found.objects {
        if let Some(detail) = detail {
            eprintln!("{}: {}", OneLine(key), OneLine(detail));
        }
    }
    if found.verified {
        eprintln!("{}", counts(found));
    }
    if !found.settings.is_empty() {
        eprintln!(
            "note: settings are as the store told them when the bundle was saved; `spacewatch posture` tells how they are now"
        );
    }
    if manifest.truncated {
        eprintln!("note: there were more records than the bundle holds");
    }
    Ok(())
}

/// The finding, in two lines.
fn about(finding: &Value) -> String {
    let text = |name: &str| OneLine(finding[name].as_str().unwrap_or_default()).to_string();
    format!("{} {}\n{}\n\n", text("severity"), text("id"), text("title"))
}

fn objects(found: &Verification) -> Table {
    let mut table = Table::new(&[
        ("RESULT", Align::Left),
        ("RECORDS", Align::Right),
        ("LOG OBJECT", Align::Left),
    ]);
    for object in &found.objects {
        table.row(vec![
            object.verdict.to_owned(),
            output::thousands(object.records),
            object.key.clone(),
        ]);
    }
    table
}

fn counts(found: &Verification) -> String {
    format!(
        "{} intact, {} altered, {} missing, {} unreadable",
        output::thousands(found.intact),
        output::thousands(found.altered),
        output::thousands(found.missing),
        output::thousands(found.unreadable),
    )
}

fn unverified(found: &Verification) -> Failure {
    let failure = Failure::new(
        Exit::Failed,
        format!("not every log object is what it was: {}", counts(found)),
    );
    match found.altered {
        0 => failure.with_hint("the bundle itself is whole; what is missing may lie in a backup: `--local DIR` checks against a copy"),
        _ => failure.with_hint("the bundle itself is whole; what was altered is the log"),
    }
}
