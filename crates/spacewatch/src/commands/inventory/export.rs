//! `spacewatch inventory export`

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;

use futures::TryStreamExt;
use spacewatch_insight::{ExportFormat, InventoryExport, InventoryExportArgs};

use super::{start, tell_basis};
use crate::cli::inventory::RowsArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: RowsArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.of, verbose)?;
    let (format, path) = wished(
        args.of.store.export.csv.clone(),
        args.jsonl,
        args.of.store.export.parquet.clone(),
    )?;
    let question = InventoryExportArgs {
        bucket: args.of.target.bucket,
        prefix: args.of.target.prefix,
        max_age: None,
        format,
    };
    let exported = async {
        let export = InventoryExport::open(&asking.tenant, &question).await?;
        write(&export, &path).await?;
        Ok::<_, Failure>(export.basis())
    };
    let basis = output::watched("writing", &asking.tenant.progress, exported).await?;
    tell_basis(&basis);
    Ok(())
}

fn wished(
    csv: Option<PathBuf>,
    jsonl: Option<PathBuf>,
    parquet: Option<PathBuf>,
) -> Result<(ExportFormat, PathBuf), Failure> {
    let given = [
        (ExportFormat::Csv, csv),
        (ExportFormat::Jsonl, jsonl),
        (ExportFormat::Parquet, parquet),
    ];
    let mut given = given
        .into_iter()
        .filter_map(|(format, path)| Some((format, path?)));
    given
        .next()
        .ok_or_else(|| Failure::usage("name a file: --csv, --jsonl or --parquet"))
}

async fn write(export: &InventoryExport, path: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        // Whoever reads standard output may have seen enough.
        if error.kind() == io::ErrorKind::BrokenPipe {
            return error.into();
        }
        Failure::new(Exit::Failed, format!("can't write `{}`", path.display())).caused_by(&error)
    };
    let mut out: Box<dyn Write + Send> = if path == Path::new("-") {
        Box::new(io::stdout())
    } else {
        Box::new(File::create(path).map_err(failed)?)
    };
    let mut rows = pin!(export.rows());
    while let Some(chunk) = rows.try_next().await? {
        out.write_all(&chunk).map_err(failed)?;
    }
    out.flush().map_err(failed)
}
