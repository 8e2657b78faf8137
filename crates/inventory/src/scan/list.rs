//! Objects and versions: listed many pages at a time, and written down as they come.

use std::pin::pin;

use futures::{Stream, StreamExt, TryStreamExt};
use spacewatch_s3::{KeyRange, Scanned, StoreError};
use tokio::task::JoinSet;

use super::parts;
use super::run::{Run, is_not_for_us};
use super::state::{Part, Source};
use crate::entry::Entry;
use crate::{InventoryError, ScanPhase};

/// What was found and isn't written yet.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    covered: Vec<KeyRange>,
    bytes: u64,
}

/// A part on its way to the disk.
type Writing = JoinSet<Result<(Part, Found), InventoryError>>;

/// Lists everything nobody has listed yet.
pub(super) async fn entries(run: &mut Run<'_>) -> Result<(), InventoryError> {
    if run.state.source == Source::Versions {
        let begun = !run.state.parts.is_empty();
        match versions(run).await {
            // These keys may list the bucket and not its versions, as some policies have it.
            Err(InventoryError::Store(error))
                if !begun && is_not_for_us(&error) && run.state.parts.is_empty() =>
            {
                run.state.source = Source::ObjectsOnly;
                run.save()?;
            }
            ended => return ended,
        }
    }
    let (bucket, prefix) = (run.state.bucket.clone(), run.state.prefix.clone());
    let gaps = run.state.covered.gaps();
    let pages = run.store.scan_objects(bucket, prefix, gaps, run.progress.clone());
    take_in(run, pages).await
}

async fn versions(run: &mut Run<'_>) -> Result<(), InventoryError> {
    let (bucket, prefix) = (run.state.bucket.clone(), run.state.prefix.clone());
    let gaps = run.state.covered.gaps();
    let pages = run
        .store
        .scan_versions(bucket, prefix, gaps, run.progress.clone());
    take_in(run, pages).await
}

/// Takes in pages until there are no more, the run is stopped, or one fails; what came is written in each case.
async fn take_in<T: Into<Entry>>(
    run: &mut Run<'_>,
    pages: impl Stream<Item = Result<Scanned<T>, StoreError>> + Send,
) -> Result<(), InventoryError> {
    let mut pages = pin!(pages.map_err(InventoryError::from));
    let mut writing = Writing::new();
    let mut found = Found::default();
    let mut written_at = run.inner.clock.elapsed();
    let stopped = loop {
        let page = tokio::select! {
            biased;
            () = run.cancel.cancelled() => break Ok(()),
            page = pages.next() => page,
        };
        let page = match page {
            Some(Ok(page)) => page,
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        };
        found.covered.extend(page.covered);
        let before = found.entries.len();
        found.entries.extend(page.entries.into_iter().map(Into::into));
        let new = found.entries.get(before..).unwrap_or_default();
        found.bytes = new
            .iter()
            .fold(found.bytes, |sum, entry| sum.saturating_add(entry.row().size));
        run.show(ScanPhase::Listing);
        let late = run.inner.clock.elapsed().saturating_sub(written_at) >= run.inner.config.write_every;
        if late || found.entries.len() >= run.inner.config.part_entries {
            settle(run, &mut writing).await?;
            write(run, std::mem::take(&mut found), &mut writing);
            written_at = run.inner.clock.elapsed();
        }
        if !run.goes_on() {
            break Ok(());
        }
    };
    settle(run, &mut writing).await?;
    write(run, found, &mut writing);
    settle(run, &mut writing).await?;
    stopped
}

/// Writes a part while the listing goes on.
fn write(run: &Run<'_>, mut found: Found, writing: &mut Writing) {
    let part = Part {
        number: run.state.next_part(),
        rows: u64::try_from(found.entries.len()).unwrap_or(u64::MAX),
    };
    let path = run.directory.join(part.file_name());
    writing.spawn_blocking(move || {
        let entries = std::mem::take(&mut found.entries);
        if !entries.is_empty() {
            parts::write_part(&path, entries)?;
        }
        Ok((part, found))
    });
}

/// Waits for the part that is being written, and notes that it is there.
async fn settle(run: &mut Run<'_>, writing: &mut Writing) -> Result<(), InventoryError> {
    while let Some(written) = writing.join_next().await {
        let (part, found) = written.map_err(InventoryError::internal)??;
        run.state.entries = run.state.entries.saturating_add(part.rows);
        run.state.bytes = run.state.bytes.saturating_add(found.bytes);
        if part.rows > 0 {
            run.state.parts.push(part);
        }
        for range in found.covered {
            run.state.covered.add(range);
        }
        run.save()?;
    }
    Ok(())
}
