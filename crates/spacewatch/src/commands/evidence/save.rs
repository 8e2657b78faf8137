//! `spacewatch evidence save`

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use spacewatch_insight::{
    EvidenceBundle, EvidenceOf, FindingEvidenceArgs, LeakedKeyArgs, ObjectAuditArgs, SearchLogsArgs, Tenant,
};
use spacewatch_model::{ByteSize, ObjectKey, OneLine};

use super::super::asking::Asking;
use super::super::logs::{search, source};
use crate::cli::evidence::{
    BundleArgs, SaveAuditArgs, SaveCommand, SaveFindingArgs, SaveLeakedKeyArgs, SaveSearchArgs,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// What was saved, for programs.
#[derive(Serialize)]
struct Saved<'a> {
    file: &'a Path,
    bytes: usize,
    fingerprint: String,
    records: u64,
    objects: u64,
    truncated: bool,
    unverifiable: &'a [(String, String)],
}

pub(super) async fn run(of: SaveCommand, verbose: u8) -> Result<(), Failure> {
    let log = of.log();
    output::refuse_export(&log.store)?;
    let asking = Asking::remembering(&log.store, log.flags(), verbose)?;
    let json = log.store.json;
    let (of, wanted) = question(of)?;
    if let Some(path) = &wanted.output
        && path.exists()
    {
        return Err(there_already(path));
    }
    let made = make(&asking.tenant, of, &wanted).await;
    asking.tenant.lakes.close().await;
    let made = made?;
    let path = wanted.output.unwrap_or_else(|| PathBuf::from(&made.file_name));
    write(&path, &made.written.pieces)?;
    tell(&made, &path, json)
}

async fn make(tenant: &Tenant, of: EvidenceOf, wanted: &BundleArgs) -> Result<EvidenceBundle, Failure> {
    let saving = EvidenceBundle::save(tenant, of, wanted.max_records);
    output::watched("gathering evidence", &tenant.progress, saving).await
}

fn question(of: SaveCommand) -> Result<(EvidenceOf, BundleArgs), Failure> {
    Ok(match of {
        SaveCommand::Search(args) => {
            let (args, bundle) = records(*args)?;
            (EvidenceOf::SearchLogs(Box::new(args)), bundle)
        }
        SaveCommand::Audit(args) => {
            let (args, bundle) = audit(args)?;
            (EvidenceOf::ObjectAudit(Box::new(args)), bundle)
        }
        SaveCommand::LeakedKey(args) => {
            let (args, bundle) = leaked_key(args);
            (EvidenceOf::LeakedKey(Box::new(args)), bundle)
        }
        SaveCommand::Finding(args) => {
            let (args, bundle) = finding(args);
            (EvidenceOf::Finding(Box::new(args)), bundle)
        }
    })
}

fn records(args: SaveSearchArgs) -> Result<(SearchLogsArgs, BundleArgs), Failure> {
    let mut asked = search::question(args.target, args.filters, 0)?;
    search::within(&mut asked, args.period);
    asked.requests_only = args.requests_only;
    asked.wait = !args.log.no_wait;
    Ok((asked, args.bundle))
}

fn audit(args: SaveAuditArgs) -> Result<(ObjectAuditArgs, BundleArgs), Failure> {
    let key: ObjectKey = args
        .target
        .prefix
        .as_str()
        .parse()
        .map_err(|_| Failure::usage("no object is named").with_hint("name it as `BUCKET/KEY`"))?;
    let asked = ObjectAuditArgs {
        source_bucket: source(Some(args.target.bucket)),
        object_key: key,
        hours: None,
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        methods: args.methods.unwrap_or_default(),
        limit: None,
        next: Default::default(),
        wait: !args.log.no_wait,
    };
    Ok((asked, args.bundle))
}

fn leaked_key(args: SaveLeakedKeyArgs) -> (LeakedKeyArgs, BundleArgs) {
    let asked = LeakedKeyArgs {
        requester: args.requester.unwrap_or_default(),
        access_key: args.access_key.unwrap_or_default(),
        source_bucket: source(args.bucket),
        from: args.since,
        to: args.to.unwrap_or_default(),
        limit: None,
        wait: !args.log.no_wait,
    };
    (asked, args.bundle)
}

fn finding(args: SaveFindingArgs) -> (FindingEvidenceArgs, BundleArgs) {
    let asked = FindingEvidenceArgs {
        id: args.id,
        bucket: args.bucket.unwrap_or_default(),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        wait: !args.log.no_wait,
    };
    (asked, args.bundle)
}

fn there_already(path: &Path) -> Failure {
    Failure::usage(format!("`{}` is there already", path.display()))
        .with_hint("evidence is never written over; name another file with -o")
}

/// Writes the file whole, or leaves none.
fn write(path: &Path, pieces: &[Vec<u8>]) -> Result<(), Failure> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::AlreadyExists => there_already(path),
        _ => Failure::new(Exit::Failed, format!("can't write `{}`", path.display())).caused_by(&error),
    };
    let mut file = File::create_new(path).map_err(failed)?;
    let written = pieces.iter().try_for_each(|piece| file.write_all(piece));
    written.and_then(|()| file.sync_all()).map_err(|error| {
        // What is left of it must not pass for a bundle.
        let _ = fs::remove_file(path);
        failed(error)
    })
}

fn tell(made: &EvidenceBundle, path: &Path, json: bool) -> Result<(), Failure> {
    let (written, manifest) = (&made.written, &made.written.manifest);
    let bytes = written.pieces.iter().map(Vec::len).sum();
    if json {
        return output::print_json(&Saved {
            file: path,
            bytes,
            fingerprint: written.fingerprint.to_string(),
            records: manifest.records,
            objects: manifest.objects,
            truncated: manifest.truncated,
            unverifiable: &made.unverifiable,
        });
    }
    output::print(&format!(
        "{} from {} in `{}`, {}\nfingerprint {}\n",
        output::counted(manifest.records, "record"),
        output::counted(manifest.objects, "log object"),
        OneLine(&path.display().to_string()),
        ByteSize(bytes as u64),
        written.fingerprint,
    ))?;
    if manifest.truncated {
        eprintln!("note: there are more records than these");
    }
    for (key, why) in &made.unverifiable {
        eprintln!(
            "note: log object `{}` can't be checked at the store any more: {}",
            OneLine(key),
            OneLine(why)
        );
    }
    if let Some(note) = manifest.coverage["note"].as_str() {
        eprintln!("note: {}", OneLine(note));
    }
    eprintln!(
        "`spacewatch evidence verify` checks it again; note the fingerprint down elsewhere, by it the bundle is known"
    );
    Ok(())
}
