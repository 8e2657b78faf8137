//! All that a bucket's owner can set and a store may know, asked for in one go.

use aws_sdk_s3::types::{Grant as SdkGrant, ObjectLockConfiguration};
use spacewatch_model::BucketName;
use spacewatch_telemetry::S3Call;

use crate::client::{Client, carry};
use crate::probe::{self, Answered, Form, probed};
use crate::{LifecycleRule, LogTarget, Probe, Sent, Store, StoreError, Versioning};

/// How a bucket is set up, each setting as the store tells it or why it doesn't.
#[derive(Debug)]
pub struct BucketSettings {
    /// Where its access log goes.
    pub logging: Result<Probe<Sent<LogTarget>>, StoreError>,
    /// Whether it keeps versions.
    pub versioning: Result<Probe<Sent<Versioning>>, StoreError>,
    /// What is deleted or moved by itself.
    pub lifecycle: Result<Probe<Sent<Vec<LifecycleRule>>>, StoreError>,
    /// Who may do what, as JSON that whoever wrote it wrote.
    pub policy: Result<Probe<Sent<String>>, StoreError>,
    /// Whether the store itself calls the policy public.
    pub policy_status: Result<Probe<Sent<bool>>, StoreError>,
    /// Who may do what, in the older way.
    pub acl: Result<Probe<Sent<Acl>>, StoreError>,
    /// Which pages of other sites may use it from a browser.
    pub cors: Result<Probe<Sent<Vec<CorsRule>>>, StoreError>,
    /// How new objects are encrypted unless they say so themselves.
    pub encryption: Result<Probe<Sent<Vec<String>>>, StoreError>,
    /// Whether objects can be kept from being deleted.
    pub object_lock: Result<Probe<Sent<ObjectLock>>, StoreError>,
    /// What holds policies and ACLs back that open it to everybody.
    pub public_access_block: Result<Probe<Sent<PublicAccessBlock>>, StoreError>,
    /// Who owns objects that others write, and whether ACLs count.
    pub ownership: Result<Probe<Sent<Vec<String>>>, StoreError>,
}

/// The access control list of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acl {
    /// Whose bucket it is, as the store names accounts.
    pub owner: Option<String>,
    /// What is granted.
    pub grants: Vec<AclGrant>,
}

/// One grant of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclGrant {
    /// To whom.
    pub grantee: Grantee,
    /// What: `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
    pub permission: String,
}

/// To whom something is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// Whoever asks, without any keys.
    Everyone,
    /// Whoever has an account with the store, anybody's.
    AnyAccount,
    /// Somebody, as the store names accounts and groups.
    Named(String),
}

/// Pages of other sites that may use a bucket from a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsRule {
    /// From where: `https://example.com`, `*`.
    pub origins: Vec<String>,
    /// By what: `GET`, `PUT`.
    pub methods: Vec<String>,
}

/// What is kept from being deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectLock {
    /// Whether there is such a thing in this bucket.
    pub enabled: bool,
    /// What new objects get, in words: `COMPLIANCE for 30 days`.
    pub default_retention: Option<String>,
}

/// What holds policies and ACLs back that open a bucket to everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// New ACLs that do so are refused.
    pub block_acls: bool,
    /// ACLs that do so have no effect.
    pub ignore_acls: bool,
    /// New policies that do so are refused.
    pub block_policy: bool,
    /// A policy that does so lets the account's own keys in and nobody else.
    pub restrict_buckets: bool,
}

const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const ANY_ACCOUNT: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

impl Store {
    /// Asks for every setting of a bucket, all at the same time.
    pub async fn bucket_settings(&self, bucket: &BucketName) -> BucketSettings {
        let client = &*self.0;
        let (logging, versioning, lifecycle, policy, policy_status, acl) = futures::join!(
            probe::logging(client, bucket),
            probe::versioning(client, bucket),
            probe::lifecycle(client, bucket),
            policy(client, bucket),
            policy_status(client, bucket),
            acl(client, bucket),
        );
        let (cors, encryption, object_lock, public_access_block, ownership) = futures::join!(
            cors(client, bucket),
            encryption(client, bucket),
            object_lock(client, bucket),
            public_access_block(client, bucket),
            ownership(client, bucket),
        );
        BucketSettings {
            logging,
            versioning,
            lifecycle,
            policy,
            policy_status,
            acl,
            cors,
            encryption,
            object_lock,
            public_access_block,
            ownership,
        }
    }
}

/// Asks for one setting: the SDK's call by its name, told by the form of its answer.
macro_rules! asked {
    ($client:ident, $bucket:ident, $call:ident, $operation:ident, $form:expr) => {
        probed($client, (S3Call::$call, $bucket), $form, |attempt| {
            let call = $client.sdk.$operation().bucket($bucket.as_str());
            call.customize().mutate_request(carry(attempt)).send()
        })
        .await?
    };
}

fn some<T>(value: Option<T>) -> Probe<T> {
    value.map_or(Probe::NotConfigured, Probe::Configured)
}

fn any<T>(values: Vec<T>) -> Probe<Vec<T>> {
    some((!values.is_empty()).then_some(values))
}

async fn policy(client: &Client, bucket: &BucketName) -> Answered<String> {
    let answer = asked!(client, bucket, GetBucketPolicy, get_bucket_policy, Form::Json);
    Ok(answer.judged(|answer| some(answer.policy)))
}

async fn policy_status(client: &Client, bucket: &BucketName) -> Answered<bool> {
    let form = Form::Xml("PolicyStatus");
    let answer = asked!(
        client,
        bucket,
        GetBucketPolicyStatus,
        get_bucket_policy_status,
        form
    );
    Ok(answer.judged(|answer| some(answer.policy_status.and_then(|status| status.is_public))))
}

async fn acl(client: &Client, bucket: &BucketName) -> Answered<Acl> {
    let form = Form::Xml("AccessControlPolicy");
    let answer = asked!(client, bucket, GetBucketAcl, get_bucket_acl, form);
    Ok(answer.judged(|answer| {
        let owner = answer
            .owner()
            .and_then(|owner| owner.id().or(owner.display_name()));
        Probe::Configured(Acl {
            owner: owner.map(str::to_owned),
            grants: answer.grants().iter().map(grant).collect(),
        })
    }))
}

fn grant(grant: &SdkGrant) -> AclGrant {
    let named = grant.grantee().and_then(|grantee| {
        let names = [
            grantee.uri(),
            grantee.id(),
            grantee.email_address(),
            grantee.display_name(),
        ];
        names.into_iter().flatten().next()
    });
    AclGrant {
        grantee: match named {
            Some(EVERYONE) => Grantee::Everyone,
            Some(ANY_ACCOUNT) => Grantee::AnyAccount,
            other => Grantee::Named(other.unwrap_or_default().to_owned()),
        },
        permission: grant
            .permission()
            .map_or_else(String::new, |permission| permission.as_str().to_owned()),
    }
}

async fn cors(client: &Client, bucket: &BucketName) -> Answered<Vec<CorsRule>> {
    let form = Form::Xml("CORSConfiguration");
    let answer = asked!(client, bucket, GetBucketCors, get_bucket_cors, form);
    Ok(answer.judged(|answer| {
        let rules = answer.cors_rules().iter().map(|rule| CorsRule {
            origins: rule.allowed_origins().to_vec(),
            methods: rule.allowed_methods().to_vec(),
        });
        any(rules.collect())
    }))
}

async fn encryption(client: &Client, bucket: &BucketName) -> Answered<Vec<String>> {
    let form = Form::Xml("ServerSideEncryptionConfiguration");
    let answer = asked!(client, bucket, GetBucketEncryption, get_bucket_encryption, form);
    Ok(answer.judged(|answer| {
        let rules = answer.server_side_encryption_configuration();
        let rules = rules.map(|rules| rules.rules()).unwrap_or_default();
        let defaults = rules
            .iter()
            .filter_map(|rule| rule.apply_server_side_encryption_by_default());
        any(defaults
            .map(|by| by.sse_algorithm().as_str().to_owned())
            .collect())
    }))
}

async fn object_lock(client: &Client, bucket: &BucketName) -> Answered<ObjectLock> {
    let form = Form::Xml("ObjectLockConfiguration");
    let answer = asked!(
        client,
        bucket,
        GetObjectLockConfiguration,
        get_object_lock_configuration,
        form
    );
    Ok(answer.judged(|answer| some(answer.object_lock_configuration().map(lock))))
}

fn lock(lock: &ObjectLockConfiguration) -> ObjectLock {
    let retention = lock.rule().and_then(|rule| rule.default_retention());
    ObjectLock {
        enabled: lock
            .object_lock_enabled()
            .is_some_and(|on| on.as_str() == "Enabled"),
        default_retention: retention.map(|retention| {
            let mode = retention.mode().map_or("kept", |mode| mode.as_str());
            match (retention.days(), retention.years()) {
                (Some(days), _) => format!("{mode} for {days} days"),
                (None, Some(years)) => format!("{mode} for {years} years"),
                (None, None) => mode.to_owned(),
            }
        }),
    }
}

async fn public_access_block(client: &Client, bucket: &BucketName) -> Answered<PublicAccessBlock> {
    let form = Form::Xml("PublicAccessBlockConfiguration");
    let answer = asked!(
        client,
        bucket,
        GetPublicAccessBlock,
        get_public_access_block,
        form
    );
    Ok(answer.judged(|answer| {
        let block = answer.public_access_block_configuration;
        let block = block.map(|block| PublicAccessBlock {
            block_acls: block.block_public_acls == Some(true),
            ignore_acls: block.ignore_public_acls == Some(true),
            block_policy: block.block_public_policy == Some(true),
            restrict_buckets: block.restrict_public_buckets == Some(true),
        });
        // Ceph says that nothing is blocked where nothing is set; so it is.
        some(block.filter(|block| *block != PublicAccessBlock::default()))
    }))
}

async fn ownership(client: &Client, bucket: &BucketName) -> Answered<Vec<String>> {
    let form = Form::Xml("OwnershipControls");
    let answer = asked!(
        client,
        bucket,
        GetBucketOwnershipControls,
        get_bucket_ownership_controls,
        form
    );
    Ok(answer.judged(|answer| {
        let rules = answer.ownership_controls().map(|controls| controls.rules());
        let rules = rules.unwrap_or_default().iter();
        any(rules
            .map(|rule| rule.object_ownership().as_str().to_owned())
            .collect())
    }))
}
