//! Pages of versions.

use aws_sdk_s3::types::EncodingType;
use spacewatch_model::{ByteSize, ObjectKey};
use spacewatch_telemetry::S3Call;

use crate::client::{Ask, Client, carry};
use crate::connector::Page;
use crate::listing_xml::VersionsPage;
use crate::page::{Keys, Listed, MAX_KEYS, PageAsk};
use crate::{ObjectVersion, StoreError};

/// Versions of one key that are held at a time. A page has to tell everything about its keys, so a key with more can't be read.
const MAX_VERSIONS: usize = 250_000;

impl Listed for ObjectVersion {
    fn key(&self) -> &ObjectKey {
        &self.key
    }

    fn size(&self) -> ByteSize {
        self.size
    }

    const CALL: S3Call = S3Call::ListObjectVersions;

    fn page(
        client: &Client,
        ask: PageAsk<'_>,
    ) -> impl Future<Output = Result<Keys<Self>, StoreError>> + Send {
        versions(client, ask)
    }
}

/// All versions of some keys behind `ask.after`.
///
/// Where a page breaks off, more versions of its last key may follow. That key is left to the next page; only when it fills the page
/// alone, its versions are read on. Ceph begins with the versions of the marker's own key again, which the page before told about.
async fn versions(client: &Client, ask: PageAsk<'_>) -> Result<Keys<ObjectVersion>, StoreError> {
    let mut found: Vec<ObjectVersion> = Vec::new();
    let mut sent = 0_usize;
    let mut marker: Option<(ObjectKey, String)> = None;
    loop {
        let page = request(client, ask, marker.as_ref()).await?;
        let begun = found.last().map_or(ask.after, |last| last.key.as_str());
        let right = |entry: &ObjectVersion| {
            let key = entry.key.as_str();
            key.starts_with(ask.prefix) && key >= begun
        };
        if !page.entries.iter().all(right) {
            let why = "the versions of a page don't ascend from where it was to begin";
            return Err(bad(client, ask, why));
        }
        let last = page.entries.last().map(|last| last.key.clone());
        sent = sent.saturating_add(page.entries.len());
        let new = page
            .entries
            .into_iter()
            .filter(|entry| entry.key.as_str() != ask.after);
        found.extend(new);
        if !page.truncated {
            return Ok(Keys {
                objects: found,
                truncated: false,
                sent,
            });
        }
        let Some(last) = last else {
            let why = "the page says there is more, but holds nothing to go on from";
            return Err(bad(client, ask, why));
        };
        if found.first().is_some_and(|first| first.key != last) {
            found.retain(|entry| entry.key != last);
            return Ok(Keys {
                objects: found,
                truncated: true,
                sent,
            });
        }
        let next = page.next_version.map(|next| (last, next));
        let Some(next) = next.filter(|next| marker.as_ref() != Some(next) && sent < MAX_VERSIONS) else {
            return Err(bad(client, ask, "a key has more versions than can be read"));
        };
        marker = Some(next);
    }
}

async fn request(
    client: &Client,
    ask: PageAsk<'_>,
    marker: Option<&(ObjectKey, String)>,
) -> Result<VersionsPage, StoreError> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let max = i32::try_from(ask.max.clamp(1, MAX_KEYS)).ok();
    let after = marker.map_or(ask.after, |(key, _)| key.as_str());
    let call = Ask {
        progress: ask.progress,
        ..Ask::bucket(S3Call::ListObjectVersions, ask.bucket)
    };
    client
        .call(call, |attempt| {
            let call = client
                .sdk
                .list_object_versions()
                .bucket(ask.bucket.as_str())
                .set_prefix(text(ask.prefix))
                .set_key_marker(text(after))
                .set_version_id_marker(marker.map(|(_, version)| version.clone()))
                .set_max_keys(max)
                .encoding_type(EncodingType::Url);
            async move {
                call.customize()
                    .mutate_request(carry(attempt.clone()))
                    .send()
                    .await?;
                Ok(match attempt.outcome().page.take() {
                    Some(Page::Versions(page)) => page,
                    _ => VersionsPage::default(),
                })
            }
        })
        .await
}

fn bad(client: &Client, ask: PageAsk<'_>, why: &str) -> StoreError {
    let failure = client.failure(Ask::bucket(S3Call::ListObjectVersions, ask.bucket));
    StoreError::BadAnswer(Box::new(failure.saying(why)))
}
