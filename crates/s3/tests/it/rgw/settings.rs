//! What a bucket's settings are said to be.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketCannedAcl, BucketLifecycleConfiguration, BucketVersioningStatus,
    CorsConfiguration, CorsRule as SdkCorsRule, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, PublicAccessBlockConfiguration, VersioningConfiguration,
};
use spacewatch_s3::{AclGrant, AnonymousListing, BucketSettings, CorsRule, Grantee, Probe, Sent, StoreError};

use super::gateway;
use crate::stage::bucket;

/// What was told of a setting that is set.
fn told<T: Clone + std::fmt::Debug>(answer: &Result<Probe<Sent<T>>, StoreError>) -> T {
    match answer {
        Ok(Probe::Configured(sent)) => sent.value.clone(),
        other => panic!("not set: {other:?}"),
    }
}

fn is_unset<T>(answer: &Result<Probe<Sent<T>>, StoreError>) -> bool {
    matches!(answer, Ok(Probe::NotConfigured))
}

/// The gateway lists the bucket instead; nothing of that may be taken for a setting.
fn is_made_up<T: std::fmt::Debug>(answer: &Result<Probe<Sent<T>>, StoreError>) {
    match answer {
        Ok(Probe::UnexpectedAnswer(root)) => assert_eq!(root, "ListBucketResult"),
        other => panic!("not made up: {other:?}"),
    }
}

#[tokio::test]
async fn settings_of_a_new_bucket() {
    let Some(gateway) = gateway() else { return };
    gateway.fill("rgw-posture-new", &[]).await;
    let (store, name) = (gateway.store(1000), bucket("rgw-posture-new"));
    let found = store.bucket_settings(&name).await;
    let BucketSettings {
        logging,
        versioning,
        lifecycle,
        policy,
        cors,
        object_lock,
        public_access_block,
        ..
    } = &found;
    assert!(is_unset(logging) && is_unset(versioning) && is_unset(lifecycle));
    assert!(
        is_unset(policy) && is_unset(cors) && is_unset(object_lock),
        "{found:?}"
    );
    assert!(is_unset(public_access_block), "{public_access_block:?}");
    is_made_up(&found.encryption);
    is_made_up(&found.ownership);
    let acl = told(&found.acl);
    assert_eq!(acl.grants.len(), 1);
    assert_eq!(acl.grants[0].permission, "FULL_CONTROL");
    let anonymous = store.anonymous_listing(&name).await.expect("an answer");
    assert_eq!(anonymous, AnonymousListing::Refused);
}

/// Sets everything that the gateway knows.
async fn set_up(client: &aws_sdk_s3::Client, name: &str) {
    let rule = LifecycleRule::builder()
        .id("all")
        .status(ExpirationStatus::Enabled)
        // By size as well, which the gateway drops without a word.
        .filter(
            LifecycleRuleFilter::builder()
                .object_size_greater_than(1_000_000)
                .build(),
        )
        .expiration(LifecycleExpiration::builder().days(30).build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder()
                .days_after_initiation(7)
                .build(),
        );
    let rules = BucketLifecycleConfiguration::builder().rules(rule.build().expect("a rule"));
    let put = client.put_bucket_lifecycle_configuration().bucket(name);
    let put = put.lifecycle_configuration(rules.build().expect("rules"));
    put.send().await.expect("a lifecycle");
    let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let put = client.put_bucket_versioning().bucket(name);
    put.versioning_configuration(versions.build())
        .send()
        .await
        .expect("versioning");
    let cors = SdkCorsRule::builder().allowed_origins("*").allowed_methods("PUT");
    let cors = CorsConfiguration::builder().cors_rules(cors.build().expect("a rule"));
    let put = client.put_bucket_cors().bucket(name);
    put.cors_configuration(cors.build().expect("rules"))
        .send()
        .await
        .expect("CORS");
    let put = client
        .put_bucket_acl()
        .bucket(name)
        .acl(BucketCannedAcl::PublicReadWrite);
    put.send().await.expect("an ACL");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{name}/*"}}]}}"#
    );
    let put = client.put_bucket_policy().bucket(name).policy(policy);
    put.send().await.expect("a policy");
}

#[tokio::test]
async fn settings_that_were_set() {
    let Some(gateway) = gateway() else { return };
    let name = "rgw-posture-set";
    gateway.fill(name, &["secret".to_owned()]).await;
    let client = gateway.sdk();
    set_up(&client, name).await;
    let (store, name) = (gateway.store(1000), bucket(name));
    let found = store.bucket_settings(&name).await;
    told(&found.versioning);
    let rules = told(&found.lifecycle);
    assert_eq!(rules.len(), 1);
    assert_eq!(
        (
            rules[0].drops_uploads_after_days,
            rules[0].expires_after_days,
            rules[0].filtered
        ),
        (Some(7), Some(30), false),
        "the rule is for every object now"
    );
    assert!(told(&found.policy).contains("s3:GetObject"));
    assert!(told(&found.policy_status), "the gateway calls it public");
    assert_eq!(
        told(&found.cors),
        [CorsRule {
            origins: vec!["*".to_owned()],
            methods: vec!["PUT".to_owned()]
        }]
    );
    let grants = told(&found.acl).grants;
    for permission in ["READ", "WRITE"] {
        let grant = AclGrant {
            grantee: Grantee::Everyone,
            permission: permission.to_owned(),
        };
        assert!(grants.contains(&grant), "{grants:?}");
    }
    is_made_up(&found.encryption);
    is_made_up(&found.ownership);
    // A policy that doesn't allow it takes nothing from what the list allows.
    let shown = AnonymousListing::Listed(Some("secret".parse().expect("a key")));
    assert_eq!(store.anonymous_listing(&name).await.expect("an answer"), shown);
    let block = PublicAccessBlockConfiguration::builder().ignore_public_acls(true);
    let put = client.put_public_access_block().bucket(name.as_str());
    put.public_access_block_configuration(block.build())
        .send()
        .await
        .expect("a block");
    let found = store.bucket_settings(&name).await;
    assert!(told(&found.public_access_block).ignore_acls);
    assert_eq!(
        store.anonymous_listing(&name).await.expect("an answer"),
        AnonymousListing::Refused
    );
}
