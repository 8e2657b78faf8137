//! One page of a listing, checked.

use aws_sdk_s3::types::EncodingType;
use spacewatch_model::{BucketName, ByteSize, ObjectKey, Prefix};
use spacewatch_telemetry::S3Call;

use crate::client::{Ask, Client, carry};
use crate::connector::Page;
use crate::listing_xml::ListPage;
use crate::{Level, ObjectSummary, PageToken, Progress, StoreError};

/// Most keys a store puts into one page.
pub(crate) const MAX_KEYS: usize = 1000;
/// Longest key, in bytes.
pub(crate) const MAX_KEY_BYTES: usize = 1024;
/// Pages without anything in them that are passed over in a row, before the store is given up.
const MAX_EMPTY_PAGES: usize = 1000;

const NOTHING_TO_GO_ON_FROM: &str = "the page says there is more, but holds nothing to go on from";

/// Which page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageAsk<'a> {
    pub(crate) bucket: &'a BucketName,
    pub(crate) prefix: &'a str,
    /// Behind this key; empty means from the beginning.
    pub(crate) after: &'a str,
    pub(crate) max: usize,
    pub(crate) progress: Option<&'a Progress>,
}

/// Entries in ascending order of their keys, all behind where the page was to begin. It tells everything about the keys up to the
/// last one.
#[derive(Debug)]
pub(crate) struct Keys<T = ObjectSummary> {
    pub(crate) objects: Vec<T>,
    pub(crate) truncated: bool,
    /// How many entries the store sent.
    pub(crate) sent: usize,
}

/// What a listing consists of.
pub(crate) trait Listed: Send + Sync + Sized + 'static {
    /// Where it stands.
    fn key(&self) -> &ObjectKey;

    /// Its size.
    fn size(&self) -> ByteSize;

    /// The call that lists it.
    const CALL: S3Call;

    /// A page of it.
    fn page(client: &Client, ask: PageAsk<'_>)
    -> impl Future<Output = Result<Keys<Self>, StoreError>> + Send;
}

impl Listed for ObjectSummary {
    fn key(&self) -> &ObjectKey {
        &self.key
    }

    fn size(&self) -> ByteSize {
        self.size
    }

    const CALL: S3Call = S3Call::ListObjectsV2;

    fn page(
        client: &Client,
        ask: PageAsk<'_>,
    ) -> impl Future<Output = Result<Keys<Self>, StoreError>> + Send {
        keys(client, ask)
    }
}

/// A page of keys.
///
/// It is asked for by the key it begins behind, never by the store's token: some stores' tokens are raw keys
/// that break the page they stand in. Keys that don't ascend from there are an error, so that whoever goes
/// on from the last key of a page always gets further and never sees a key twice.
pub(crate) async fn keys(client: &Client, ask: PageAsk<'_>) -> Result<Keys, StoreError> {
    let page = read(client, ask, None).await?;
    let mut before = ask.after;
    for object in &page.objects {
        let key = object.key.as_str();
        if key <= before || !key.starts_with(ask.prefix) {
            return Err(bad(
                client,
                ask,
                "the keys of a page don't ascend from where it was to begin",
            ));
        }
        before = key;
    }
    Ok(Keys {
        truncated: goes_on(&page) && !page.objects.is_empty(),
        sent: page.objects.len(),
        objects: page.objects,
    })
}

/// Whether there is more behind a page: where the store doesn't say, or says two different things, it is
/// asked. A page cut short that calls itself the last and counts itself right can't be told from a true one.
fn goes_on(page: &ListPage) -> bool {
    page.truncated != Some(false) || page.token.is_some()
}

/// A page of a level: common prefixes up to the next `/` and the objects between them.
pub(crate) async fn level(
    client: &Client,
    bucket: &BucketName,
    prefix: &Prefix,
    token: Option<&PageToken>,
    max: usize,
) -> Result<Level, StoreError> {
    let last = token.map_or("", PageToken::last);
    let after = behind(last, prefix.as_str());
    let ask = PageAsk {
        bucket,
        prefix: prefix.as_str(),
        after: &after,
        max,
        progress: None,
    };
    let mut page = read(client, ask, Some("/")).await?;
    // A prefix that holds the highest keys there can be comes up again behind itself.
    page.common_prefixes.retain(|common| common.as_str() > last);
    let objects_ascend = page.objects.is_sorted_by(|a, b| a.key < b.key)
        && page
            .objects
            .iter()
            .all(|o| *o.key.as_str() > *after && o.key.as_str().starts_with(prefix.as_str()));
    let prefixes_ascend = page.common_prefixes.is_sorted_by(|a, b| a < b)
        && page
            .common_prefixes
            .iter()
            .all(|common| common.as_str().starts_with(prefix.as_str()));
    if !objects_ascend || !prefixes_ascend {
        return Err(bad(
            client,
            ask,
            "the entries of a page don't ascend from where it was to begin",
        ));
    }
    let last_key = page.objects.last().map(|object| object.key.as_str());
    let last_prefix = page.common_prefixes.last().map(Prefix::as_str);
    let next = match last_key.max(last_prefix) {
        Some(last) if goes_on(&page) => last.parse().ok().map(PageToken::after),
        None if page.truncated == Some(true) => {
            return Err(bad(client, ask, NOTHING_TO_GO_ON_FROM));
        }
        _ => None,
    };
    Ok(Level {
        objects: page.objects,
        common_prefixes: page.common_prefixes,
        next,
    })
}

/// The key to begin behind so that nothing of `last` comes again: behind a common prefix that is the
/// highest key that can begin with it.
fn behind(last: &str, prefix: &str) -> String {
    let mut after = last.to_owned();
    if last.len() > prefix.len() && last.ends_with('/') {
        let room = MAX_KEY_BYTES
            .saturating_sub(after.len())
            .div_euclid(char::MAX.len_utf8());
        after.extend(std::iter::repeat_n(char::MAX, room));
    }
    after
}

/// Reads one page, and past pages that are empty but say that there is more: some stores give such where
/// much was deleted. There is no key to go on from then, so there the store's token has to do.
async fn read(client: &Client, ask: PageAsk<'_>, delimiter: Option<&str>) -> Result<ListPage, StoreError> {
    let mut token = None;
    for _ in 0..MAX_EMPTY_PAGES {
        let page = request(client, ask, delimiter, token.as_deref()).await?;
        let empty = page.objects.is_empty() && page.common_prefixes.is_empty();
        if !empty || page.truncated != Some(true) {
            return Ok(page);
        }
        if page.token.is_none() || page.token == token {
            break;
        }
        token = page.token;
    }
    Err(bad(client, ask, NOTHING_TO_GO_ON_FROM))
}

async fn request(
    client: &Client,
    ask: PageAsk<'_>,
    delimiter: Option<&str>,
    token: Option<&str>,
) -> Result<ListPage, StoreError> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let max = i32::try_from(ask.max.clamp(1, MAX_KEYS)).ok();
    let call = Ask {
        progress: ask.progress,
        ..Ask::bucket(S3Call::ListObjectsV2, ask.bucket)
    };
    client
        .call(call, |attempt| {
            let call = client
                .sdk
                .list_objects_v2()
                .bucket(ask.bucket.as_str())
                .set_prefix(text(ask.prefix));
            let call = call
                .set_start_after(text(ask.after))
                .set_max_keys(max)
                .encoding_type(EncodingType::Url);
            let call = call
                .set_delimiter(delimiter.map(str::to_owned))
                .set_continuation_token(token.map(str::to_owned));
            async move {
                call.customize()
                    .mutate_request(carry(attempt.clone()))
                    .send()
                    .await?;
                // The connector has read the page; what the SDK got is an empty one.
                Ok(match attempt.outcome().page.take() {
                    Some(Page::Keys(page)) => page,
                    _ => ListPage::default(),
                })
            }
        })
        .await
}

fn bad(client: &Client, ask: PageAsk<'_>, why: &str) -> StoreError {
    let failure = client
        .failure(Ask::bucket(S3Call::ListObjectsV2, ask.bucket))
        .saying(why);
    StoreError::BadAnswer(Box::new(failure))
}
