//! Configuration documents of a bucket: logging, lifecycle, policy, CORS, ACL. They are kept and given back;
//! only a policy or ACL that opens the bucket to everybody has an effect.

use s3s::dto;
use s3s::{S3Request, S3Result, s3_error};

use super::objects::find;
use super::{no_such_bucket, owner};
use crate::shared::Shared;
use crate::world::{CannedAcl, Opened, Settings};

const MOST_POLICY_BYTES: usize = 20 * 1024;

pub(super) fn read<T>(shared: &Shared, bucket: &str, read: impl FnOnce(&Settings) -> T) -> S3Result<T> {
    let world = shared.read();
    let bucket = world.buckets.get(bucket).ok_or_else(no_such_bucket)?;
    Ok(read(&bucket.settings))
}

pub(super) fn change(shared: &Shared, bucket: &str, change: impl FnOnce(&mut Settings)) -> S3Result<()> {
    let mut world = shared.write();
    let bucket = world.buckets.get_mut(bucket).ok_or_else(no_such_bucket)?;
    change(&mut bucket.settings);
    Ok(())
}

pub(super) async fn logging(
    shared: &Shared,
    request: S3Request<dto::GetBucketLoggingInput>,
) -> S3Result<dto::GetBucketLoggingOutput> {
    let logging_enabled = read(shared, &request.input.bucket, |settings| settings.logging.clone())?;
    Ok(dto::GetBucketLoggingOutput { logging_enabled })
}

pub(super) async fn put_logging(
    shared: &Shared,
    request: S3Request<dto::PutBucketLoggingInput>,
) -> S3Result<dto::PutBucketLoggingOutput> {
    let logging = request.input.bucket_logging_status.logging_enabled;
    if let Some(logging) = &logging {
        let world = shared.read();
        let source = world
            .buckets
            .get(&request.input.bucket)
            .ok_or_else(no_such_bucket)?;
        let target = world.buckets.get(&logging.target_bucket);
        let fits = target.is_some_and(|target| target.owner == source.owner);
        if !fits || logging.target_bucket == request.input.bucket {
            return Err(s3_error!(
                InvalidTargetBucketForLogging,
                "The target bucket for logging does not exist, is not owned by you, or is the bucket itself"
            ));
        }
    }
    change(shared, &request.input.bucket, |settings| {
        settings.logging = logging
    })?;
    Ok(dto::PutBucketLoggingOutput::default())
}

pub(super) async fn lifecycle(
    shared: &Shared,
    request: S3Request<dto::GetBucketLifecycleConfigurationInput>,
) -> S3Result<dto::GetBucketLifecycleConfigurationOutput> {
    let rules = read(shared, &request.input.bucket, |settings| {
        settings.lifecycle.clone()
    })?;
    let missing = || {
        s3_error!(
            NoSuchLifecycleConfiguration,
            "The lifecycle configuration does not exist"
        )
    };
    Ok(dto::GetBucketLifecycleConfigurationOutput {
        rules: Some(rules.ok_or_else(missing)?),
        ..dto::GetBucketLifecycleConfigurationOutput::default()
    })
}

pub(super) async fn put_lifecycle(
    shared: &Shared,
    request: S3Request<dto::PutBucketLifecycleConfigurationInput>,
) -> S3Result<dto::PutBucketLifecycleConfigurationOutput> {
    let rules = request
        .input
        .lifecycle_configuration
        .map(|configuration| configuration.rules);
    let rules = rules.ok_or_else(|| s3_error!(MalformedXML, "the lifecycle configuration is missing"))?;
    if rules.len() > 1000 {
        return Err(s3_error!(
            InvalidRequest,
            "at most 1000 lifecycle rules are possible"
        ));
    }
    change(shared, &request.input.bucket, |settings| {
        settings.lifecycle = Some(rules)
    })?;
    Ok(dto::PutBucketLifecycleConfigurationOutput::default())
}

pub(super) async fn delete_lifecycle(
    shared: &Shared,
    request: S3Request<dto::DeleteBucketLifecycleInput>,
) -> S3Result<dto::DeleteBucketLifecycleOutput> {
    change(shared, &request.input.bucket, |settings| {
        settings.lifecycle = None
    })?;
    Ok(dto::DeleteBucketLifecycleOutput::default())
}

pub(super) async fn policy(
    shared: &Shared,
    request: S3Request<dto::GetBucketPolicyInput>,
) -> S3Result<dto::GetBucketPolicyOutput> {
    let policy = read(shared, &request.input.bucket, |settings| settings.policy.clone())?;
    let missing = || s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist");
    Ok(dto::GetBucketPolicyOutput {
        policy: Some(policy.ok_or_else(missing)?),
    })
}

pub(super) async fn put_policy(
    shared: &Shared,
    request: S3Request<dto::PutBucketPolicyInput>,
) -> S3Result<dto::PutBucketPolicyOutput> {
    let policy = request.input.policy;
    let document: serde_json::Value = serde_json::from_str(&policy).map_err(|_| {
        s3_error!(
            MalformedPolicy,
            "Policies must be valid JSON and the first byte must be '{{'"
        )
    })?;
    if policy.len() > MOST_POLICY_BYTES {
        return Err(s3_error!(MalformedPolicy, "the policy is longer than 20 KiB"));
    }
    let opened = opened(&document);
    change(shared, &request.input.bucket, |settings| {
        settings.policy = Some(policy);
        settings.opened = opened;
    })?;
    Ok(dto::PutBucketPolicyOutput::default())
}

/// What statements let everybody do. Those with conditions let nobody; resources are not looked at.
pub(crate) fn opened(policy: &serde_json::Value) -> Opened {
    let says = |value: &serde_json::Value, wanted: &[&str]| match value {
        serde_json::Value::String(text) => wanted.contains(&text.as_str()),
        serde_json::Value::Array(texts) => texts
            .iter()
            .filter_map(|text| text.as_str())
            .any(|t| wanted.contains(&t)),
        _ => false,
    };
    let statements = policy["Statement"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut opened = Opened::default();
    for statement in statements {
        let principal = &statement["Principal"];
        let everyone = says(&statement["Effect"], &["Allow"])
            && statement["Condition"].is_null()
            && (says(principal, &["*"]) || says(&principal["AWS"], &["*"]));
        let allows = |action: &str| everyone && says(&statement["Action"], &["*", "s3:*", action]);
        opened.read |= allows("s3:GetObject");
        opened.list |= allows("s3:ListBucket");
        opened.write |= allows("s3:PutObject");
    }
    opened
}

pub(super) async fn policy_status(
    shared: &Shared,
    request: S3Request<dto::GetBucketPolicyStatusInput>,
) -> S3Result<dto::GetBucketPolicyStatusOutput> {
    let public = read(shared, &request.input.bucket, |settings| {
        let public = settings.opened != Opened::default();
        settings.policy.as_ref().map(|_| public)
    })?;
    let missing = || s3_error!(NoSuchBucketPolicy, "The bucket policy does not exist");
    Ok(dto::GetBucketPolicyStatusOutput {
        policy_status: Some(dto::PolicyStatus {
            is_public: Some(public.ok_or_else(missing)?),
        }),
    })
}

pub(super) async fn delete_policy(
    shared: &Shared,
    request: S3Request<dto::DeleteBucketPolicyInput>,
) -> S3Result<dto::DeleteBucketPolicyOutput> {
    change(shared, &request.input.bucket, |settings| {
        settings.policy = None;
        settings.opened = Opened::default();
    })?;
    Ok(dto::DeleteBucketPolicyOutput::default())
}

pub(super) async fn cors(
    shared: &Shared,
    request: S3Request<dto::GetBucketCorsInput>,
) -> S3Result<dto::GetBucketCorsOutput> {
    let rules = read(shared, &request.input.bucket, |settings| settings.cors.clone())?;
    let missing = || s3_error!(NoSuchCORSConfiguration, "The CORS configuration does not exist");
    Ok(dto::GetBucketCorsOutput {
        cors_rules: Some(rules.ok_or_else(missing)?),
    })
}

pub(super) async fn put_cors(
    shared: &Shared,
    request: S3Request<dto::PutBucketCorsInput>,
) -> S3Result<dto::PutBucketCorsOutput> {
    let rules = request.input.cors_configuration.cors_rules;
    change(shared, &request.input.bucket, |settings| {
        settings.cors = Some(rules)
    })?;
    Ok(dto::PutBucketCorsOutput::default())
}

pub(super) async fn delete_cors(
    shared: &Shared,
    request: S3Request<dto::DeleteBucketCorsInput>,
) -> S3Result<dto::DeleteBucketCorsOutput> {
    change(shared, &request.input.bucket, |settings| settings.cors = None)?;
    Ok(dto::DeleteBucketCorsOutput::default())
}

/// The grants of a bucket or object.
fn grants(owner: &dto::Owner, acl: CannedAcl) -> Vec<dto::Grant> {
    let grantee = |kind: &'static str| dto::Grantee {
        type_: dto::Type::from_static(kind),
        display_name: None,
        email_address: None,
        id: None,
        uri: None,
    };
    let mut grants = vec![dto::Grant {
        grantee: Some(dto::Grantee {
            id: owner.id.clone(),
            display_name: owner.display_name.clone(),
            ..grantee(dto::Type::CANONICAL_USER)
        }),
        permission: Some(dto::Permission::from_static(dto::Permission::FULL_CONTROL)),
    }];
    let (group, permissions): (_, &[&'static str]) = match acl {
        CannedAcl::Private => return grants,
        CannedAcl::PublicRead => ("AllUsers", &[dto::Permission::READ]),
        CannedAcl::PublicReadWrite => ("AllUsers", &[dto::Permission::READ, dto::Permission::WRITE]),
        CannedAcl::AuthenticatedRead => ("AuthenticatedUsers", &[dto::Permission::READ]),
    };
    grants.extend(permissions.iter().map(|permission| dto::Grant {
        grantee: Some(dto::Grantee {
            uri: Some(format!("http://acs.amazonaws.com/groups/global/{group}")),
            ..grantee(dto::Type::GROUP)
        }),
        permission: Some(dto::Permission::from_static(permission)),
    }));
    grants
}

pub(super) async fn acl(
    shared: &Shared,
    request: S3Request<dto::GetBucketAclInput>,
) -> S3Result<dto::GetBucketAclOutput> {
    let world = shared.read();
    let bucket = world
        .buckets
        .get(&request.input.bucket)
        .ok_or_else(no_such_bucket)?;
    let owner = world
        .tenants
        .get(bucket.owner)
        .map(|name| owner(name))
        .unwrap_or_default();
    Ok(dto::GetBucketAclOutput {
        grants: Some(grants(&owner, bucket.settings.acl)),
        owner: Some(owner),
    })
}

pub(super) async fn put_acl(
    shared: &Shared,
    request: S3Request<dto::PutBucketAclInput>,
) -> S3Result<dto::PutBucketAclOutput> {
    let canned = request.input.acl.as_ref().map(dto::BucketCannedACL::as_str);
    let acl = match canned {
        Some("private") => CannedAcl::Private,
        Some("public-read") => CannedAcl::PublicRead,
        Some("public-read-write") => CannedAcl::PublicReadWrite,
        Some("authenticated-read") => CannedAcl::AuthenticatedRead,
        _ => return Err(s3_error!(NotImplemented, "only canned ACLs are kept")),
    };
    change(shared, &request.input.bucket, |settings| settings.acl = acl)?;
    Ok(dto::PutBucketAclOutput::default())
}

pub(super) async fn object_acl(
    shared: &Shared,
    request: S3Request<dto::GetObjectAclInput>,
) -> S3Result<dto::GetObjectAclOutput> {
    let input = request.input;
    let world = shared.read();
    find(&world, &input.bucket, &input.key, input.version_id.as_deref())?;
    let bucket = world.buckets.get(&input.bucket).ok_or_else(no_such_bucket)?;
    let owner = world
        .tenants
        .get(bucket.owner)
        .map(|name| owner(name))
        .unwrap_or_default();
    Ok(dto::GetObjectAclOutput {
        grants: Some(grants(&owner, bucket.settings.acl)),
        owner: Some(owner),
        ..dto::GetObjectAclOutput::default()
    })
}

/// ACLs of single objects are accepted and not kept.
pub(super) async fn put_object_acl(
    shared: &Shared,
    request: S3Request<dto::PutObjectAclInput>,
) -> S3Result<dto::PutObjectAclOutput> {
    let input = request.input;
    find(
        &shared.read(),
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    Ok(dto::PutObjectAclOutput::default())
}
