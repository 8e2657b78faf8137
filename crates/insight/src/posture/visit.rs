//! All that is asked about one bucket.

use spacewatch_model::{BucketName, Prefix};
use spacewatch_s3::{AnonymousListing, BucketSettings, Probe, Sent, StoreError};

use super::policy::{self, NoPolicy, PolicyReading};
use crate::{Tenant, ToolError};

/// What was found out about one bucket.
pub(super) struct Visit {
    pub(super) bucket: BucketName,
    pub(super) settings: BucketSettings,
    pub(super) listing: PublicListing,
    /// The policy, where there is one to read.
    pub(super) policy: Option<Result<PolicyReading, NoPolicy>>,
    pub(super) uploads: Option<Uploads>,
    pub(super) is_log_bucket: bool,
    /// What the access log tells, whatever the setting says.
    pub(super) in_log: InLog,
}

/// Whether the access log tells of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InLog {
    /// It doesn't, or there is none that could be asked.
    Absent,
    /// It does.
    Seen,
    /// Not as far as it is read, which is not all.
    Unread,
}

/// Whether somebody without keys is shown what a bucket holds.
#[derive(Debug)]
pub(super) enum PublicListing {
    Open,
    Refused,
    /// The store answered, and didn't show what these keys are shown.
    Differs,
    Failed(StoreError),
}

/// Uploads that nobody completed, as an inventory that is kept tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Uploads {
    pub(super) count: u64,
    pub(super) bytes: u64,
}

/// Asks about a bucket. One that these keys can't reach is an error: nobody is to be looked at through this door.
pub(super) async fn visit(tenant: &Tenant, bucket: BucketName) -> Result<Visit, ToolError> {
    tenant.store.ensure(&bucket).await?;
    let (settings, listing, uploads) = futures::join!(
        tenant.store.bucket_settings(&bucket),
        public_listing(tenant, &bucket),
        uploads(tenant, &bucket),
    );
    let policy = sent(&settings.policy).map(|sent| policy::read(&sent.value, bucket.as_str()));
    let is_log_bucket = tenant.log_bucket.as_ref() == Some(&bucket);
    Ok(Visit {
        bucket,
        settings,
        listing,
        policy,
        uploads,
        is_log_bucket,
        in_log: InLog::Absent,
    })
}

/// What the store sent, where it sent something.
pub(super) fn sent<T>(told: &Result<Probe<Sent<T>>, StoreError>) -> Option<&Sent<T>> {
    match told {
        Ok(Probe::Configured(sent)) => Some(sent),
        _ => None,
    }
}

/// Whether the store plainly says that there is no such setting.
pub(super) fn is_unset<T>(told: &Result<Probe<Sent<T>>, StoreError>) -> bool {
    matches!(told, Ok(Probe::NotConfigured))
}

/// Asks without keys, and compares: a store may answer everybody with an empty page.
async fn public_listing(tenant: &Tenant, bucket: &BucketName) -> PublicListing {
    let shown = match tenant.store.anonymous_listing(bucket).await {
        Ok(AnonymousListing::Refused) => return PublicListing::Refused,
        Ok(AnonymousListing::Listed(first)) => first,
        Err(error) => return PublicListing::Failed(error),
    };
    if shown.is_some() {
        return PublicListing::Open;
    }
    match tenant.store.list_page(bucket, &Prefix::default(), None, 1).await {
        Ok(page) if page.objects.is_empty() => PublicListing::Open,
        Ok(_) => PublicListing::Differs,
        Err(error) => PublicListing::Failed(error),
    }
}

/// An inventory that can't be read, or isn't there, says nothing.
async fn uploads(tenant: &Tenant, bucket: &BucketName) -> Option<Uploads> {
    let inventory = tenant.inventories.open(&tenant.store, bucket);
    let kept = inventory.kept(&Prefix::default(), None).await.ok()??;
    let totals = kept.summary(0).await.ok()?.totals;
    Some(Uploads {
        count: totals.incomplete_uploads,
        bytes: totals.incomplete_bytes.0,
    })
}

/// A bucket that another one's log goes to is a log bucket as well.
pub(super) fn mark_log_buckets(visits: &mut [Visit]) {
    let targets: Vec<String> = visits
        .iter()
        .filter_map(|visit| Some(sent(&visit.settings.logging)?.value.bucket.clone()))
        .collect();
    for visit in visits {
        visit.is_log_bucket |= targets.iter().any(|target| target == visit.bucket.as_str());
    }
}

impl Visit {
    /// Whether the store answered one of the settings with something else: then an empty answer to another one proves
    /// nothing, for stores that do the one do the other.
    pub(super) fn store_makes_up_answers(&self) -> bool {
        let settings = &self.settings;
        fn made_up<T>(told: &Result<Probe<Sent<T>>, StoreError>) -> bool {
            matches!(told, Ok(Probe::UnexpectedAnswer(_)))
        }
        made_up(&settings.encryption)
            || made_up(&settings.ownership)
            || made_up(&settings.logging)
            || made_up(&settings.public_access_block)
            || made_up(&settings.policy_status)
            || made_up(&settings.object_lock)
            || made_up(&settings.versioning)
            || made_up(&settings.lifecycle)
            || made_up(&settings.cors)
            || made_up(&settings.policy)
            || made_up(&settings.acl)
    }

    /// Whether the log really is off: the store says so, can be believed, and no log tells otherwise, or might.
    pub(super) fn is_unlogged(&self) -> bool {
        is_unset(&self.settings.logging) && self.in_log == InLog::Absent && !self.store_makes_up_answers()
    }

    /// Whether access control lists that open it have no effect.
    pub(super) fn ignores_acls(&self) -> bool {
        let enforced = sent(&self.settings.ownership)
            .is_some_and(|sent| sent.value.iter().any(|who| who == "BucketOwnerEnforced"));
        enforced || sent(&self.settings.public_access_block).is_some_and(|sent| sent.value.ignore_acls)
    }

    /// Whether a policy that opens it lets nobody in from outside the account.
    pub(super) fn restricts_policy(&self) -> bool {
        sent(&self.settings.public_access_block).is_some_and(|sent| sent.value.restrict_buckets)
    }
}
