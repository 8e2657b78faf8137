//! Incomplete uploads, with what their parts take.

use futures::{StreamExt, TryStreamExt, stream};
use spacewatch_s3::{StoreError, Upload, UploadMarker, UploadedParts};

use super::parts;
use super::run::{Run, is_not_for_us};
use super::state::{Part, UploadsState};
use crate::entry::Entry;
use crate::{InventoryError, ScanPhase};

/// Uploads whose parts are asked for at a time; the pace of the store decides how many of them really are.
const AT_ONCE: usize = 32;

/// Lists what nobody has listed yet, a page at a time.
pub(super) async fn uploads(run: &mut Run<'_>) -> Result<(), InventoryError> {
    loop {
        let after = match &run.state.uploads {
            UploadsState::Done | UploadsState::NotSeen => return Ok(()),
            UploadsState::Ahead => None,
            UploadsState::Behind { key, id } => Some(UploadMarker {
                key: key.clone(),
                id: id.clone(),
            }),
        };
        if !run.goes_on() {
            return Ok(());
        }
        let listed = run
            .store
            .list_uploads(
                &run.state.bucket,
                &run.state.prefix,
                after.as_ref(),
                &run.progress,
            )
            .await;
        let page = match listed {
            Ok(page) => page,
            Err(error) if after.is_none() && is_not_for_us(&error) => {
                run.state.uploads = UploadsState::NotSeen;
                return run.save();
            }
            Err(error) => return Err(error.into()),
        };
        let found = with_parts(run, page.uploads).await?;
        add(run, found).await?;
        run.state.uploads = match page.next {
            Some(UploadMarker { key, id }) => UploadsState::Behind { key, id },
            None => UploadsState::Done,
        };
        run.save()?;
        run.show(ScanPhase::Uploads);
    }
}

/// Uploads with the parts they have so far. One that is gone meanwhile is left out.
async fn with_parts(run: &Run<'_>, uploads: Vec<Upload>) -> Result<Vec<Entry>, InventoryError> {
    let entries = stream::iter(uploads).map(|upload| async move {
        let asked = run
            .store
            .uploaded_parts(&run.state.bucket, &upload.key, &upload.id, &run.progress)
            .await;
        let parts = match asked {
            Ok(parts) => parts,
            Err(StoreError::NoSuchKey(_)) => return Ok(None),
            Err(error) if error.store_code() == Some("NoSuchUpload") => return Ok(None),
            // Whose parts may not be seen counts without them.
            Err(StoreError::AccessDenied(_)) => UploadedParts::default(),
            Err(error) => return Err(InventoryError::from(error)),
        };
        run.progress.add_objects(1, parts.bytes.0);
        let days = run.state.drop_after_days(upload.key.as_str());
        Ok(Some(Entry::upload(upload, parts, days)))
    });
    let found: Vec<Option<Entry>> = entries.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn add(run: &mut Run<'_>, found: Vec<Entry>) -> Result<(), InventoryError> {
    if found.is_empty() {
        return Ok(());
    }
    let part = Part {
        number: run.state.next_part(),
        rows: u64::try_from(found.len()).unwrap_or(u64::MAX),
    };
    let bytes = found
        .iter()
        .fold(0_u64, |sum, entry| sum.saturating_add(entry.row().size));
    let path = run.directory.join(part.file_name());
    let written = tokio::task::spawn_blocking(move || parts::write_part(&path, found)).await;
    written.map_err(InventoryError::internal)??;
    run.state.entries = run.state.entries.saturating_add(part.rows);
    run.state.bytes = run.state.bytes.saturating_add(bytes);
    run.state.parts.push(part);
    Ok(())
}
