//! How buckets of a store that is being put together are set up.

use s3s::dto;

use crate::backend::opened;
use crate::store::DemoStore;
use crate::world::CannedAcl;

impl DemoStore {
    /// Gives a bucket an access control list.
    #[must_use]
    pub fn with_acl(mut self, bucket: &str, acl: CannedAcl) -> Self {
        self.bucket(bucket).settings.acl = acl;
        self
    }

    /// Gives a bucket a policy, whatever the text: stores keep what they are given.
    #[must_use]
    pub fn with_policy(mut self, bucket: &str, policy: &str) -> Self {
        let settings = &mut self.bucket(bucket).settings;
        settings.opened = serde_json::from_str(policy)
            .map(|policy| opened(&policy))
            .unwrap_or_default();
        settings.policy = Some(policy.to_owned());
        self
    }

    /// Lets pages from these origins use a bucket by these methods.
    #[must_use]
    pub fn with_cors(mut self, bucket: &str, origins: &[&str], methods: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let rule = dto::CORSRule {
            allowed_headers: None,
            allowed_methods: owned(methods),
            allowed_origins: owned(origins),
            expose_headers: None,
            id: None,
            max_age_seconds: None,
        };
        self.bucket(bucket).settings.cors = Some(vec![rule]);
        self
    }

    /// Adds a rule that deletes objects below a prefix, incomplete uploads, or both after so many days.
    #[must_use]
    pub fn with_expiry(
        mut self,
        bucket: &str,
        prefix: &str,
        days: Option<i32>,
        uploads: Option<i32>,
    ) -> Self {
        let rule = dto::LifecycleRule {
            abort_incomplete_multipart_upload: uploads.map(|days| dto::AbortIncompleteMultipartUpload {
                days_after_initiation: Some(days),
            }),
            expiration: days.map(|days| dto::LifecycleExpiration {
                days: Some(days),
                ..dto::LifecycleExpiration::default()
            }),
            filter: Some(dto::LifecycleRuleFilter {
                prefix: Some(prefix.to_owned()),
                ..dto::LifecycleRuleFilter::default()
            }),
            id: None,
            noncurrent_version_expiration: None,
            noncurrent_version_transitions: None,
            prefix: None,
            status: dto::ExpirationStatus::from_static(dto::ExpirationStatus::ENABLED),
            transitions: None,
        };
        let rules = &mut self.bucket(bucket).settings.lifecycle;
        rules.get_or_insert_default().push(rule);
        self
    }

    /// Encrypts what is put into a bucket, or says so.
    #[must_use]
    pub fn with_encryption(mut self, bucket: &str) -> Self {
        self.bucket(bucket).settings.encryption = Some(dto::ServerSideEncryptionConfiguration {
            rules: vec![dto::ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(dto::ServerSideEncryptionByDefault {
                    kms_master_key_id: None,
                    sse_algorithm: dto::ServerSideEncryption::from_static(dto::ServerSideEncryption::AES256),
                }),
                ..dto::ServerSideEncryptionRule::default()
            }],
        });
        self
    }

    /// Keeps what is put into a bucket for so many days, or says so.
    #[must_use]
    pub fn with_object_lock(mut self, bucket: &str, days: i32) -> Self {
        let mode = dto::ObjectLockRetentionMode::from_static(dto::ObjectLockRetentionMode::COMPLIANCE);
        self.bucket(bucket).settings.object_lock = Some(dto::ObjectLockConfiguration {
            object_lock_enabled: Some(dto::ObjectLockEnabled::from_static(
                dto::ObjectLockEnabled::ENABLED,
            )),
            rule: Some(dto::ObjectLockRule {
                default_retention: Some(dto::DefaultRetention {
                    days: Some(days),
                    mode: Some(mode),
                    years: None,
                }),
            }),
        });
        self
    }

    /// Holds back policies and access control lists that open a bucket to everybody.
    #[must_use]
    pub fn with_public_access_block(mut self, bucket: &str) -> Self {
        self.bucket(bucket).settings.public_access_block = Some(dto::PublicAccessBlockConfiguration {
            block_public_acls: Some(true),
            block_public_policy: Some(true),
            ignore_public_acls: Some(true),
            restrict_public_buckets: Some(true),
        });
        self
    }
}
