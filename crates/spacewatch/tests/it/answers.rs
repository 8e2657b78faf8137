//! The tools at the command line, against a store in this process.

use std::process::Stdio;
use std::sync::Arc;

use expect_test::expect;
use spacewatch_demo::{CannedAcl, DemoStore, Effect, Fault, Grant, RunningStore};
use spacewatch_model::ManualClock;

use crate::sandbox::Sandbox;

const HOSTILE: &str = "docs/\u{1b}[31mred\nline\u{202e}.txt";

async fn store() -> RunningStore {
    let clock = Arc::new(ManualClock::starting_at("2025-03-04T05:06:07Z".parse().unwrap()));
    DemoStore::empty()
        .with_clock(clock)
        .with_object(
            "photos",
            "2024/été.jpg",
            spacewatch_demo::ObjectBody::Sparse(5_000_000_000),
        )
        .with_object(
            "photos",
            "2024/猫.jpg",
            spacewatch_demo::ObjectBody::Sparse(2_500_000),
        )
        .with_object(
            "photos",
            "2025/01/a.jpg",
            spacewatch_demo::ObjectBody::Sparse(1_300_000),
        )
        .with_object("photos", "readme.txt", "hello")
        .with_object("hostile", HOSTILE, "x")
        .with_bucket("empty")
        .with_limited_key("limited-key", "limited-secret", &[("photos", Grant::Read)])
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap()
}

fn sandbox(store: &RunningStore) -> Sandbox {
    sandbox_with(store, "test-key", "test-secret")
}

fn sandbox_with(store: &RunningStore, key: &str, secret: &str) -> Sandbox {
    Sandbox::new()
        .with_variable("SPACES_ENDPOINT", &store.endpoint())
        .with_variable("SPACES_KEY", key)
        .with_variable("SPACES_SECRET", secret)
        .hiding(&store.address().to_string(), "STORE")
}

#[tokio::test(flavor = "multi_thread")]
async fn tables() {
    let store = store().await;
    let sandbox = sandbox(&store);
    sandbox.check(
        &["buckets"],
        expect![[r#"
        AGE  CREATED               BUCKET
         ~  2025-03-04T05:06:07Z  empty
         ~  2025-03-04T05:06:07Z  hostile
         ~  2025-03-04T05:06:07Z  photos
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls"],
        expect![[r#"
        AGE  CREATED               BUCKET
         ~  2025-03-04T05:06:07Z  empty
         ~  2025-03-04T05:06:07Z  hostile
         ~  2025-03-04T05:06:07Z  photos
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls", "s3://photos"],
        expect![[r#"
            SIZE   AGE  MODIFIED              KEY
             dir     -  -                     2024/
             dir     -  -                     2025/
             5 B ~  2025-03-04T05:06:07Z  readme.txt
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls", "photos/2024/", "-n", "1"],
        expect![[r#"
            SIZE   AGE  MODIFIED              KEY
        4.66 GiB ~  2025-03-04T05:06:07Z  2024/été.jpg
        --- stderr
        note: there is more; raise --limit or leave it out
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls", "photos", "--recursive"],
        expect![[r#"
            SIZE   AGE  MODIFIED              KEY
        4.66 GiB ~  2025-03-04T05:06:07Z  2024/été.jpg
        2.38 MiB ~  2025-03-04T05:06:07Z  2024/猫.jpg
        1.24 MiB ~  2025-03-04T05:06:07Z  2025/01/a.jpg
             5 B ~  2025-03-04T05:06:07Z  readme.txt
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls", "hostile", "-r"],
        expect![[r#"
            SIZE   AGE  MODIFIED              KEY
             1 B ~  2025-03-04T05:06:07Z  docs/\u{1b}[31mred\nline\u{202e}.txt
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls", "empty"],
        expect![[r#"
            --- stderr
            `empty` is empty
            --- exit 0
        "#]],
    );
    sandbox.check(
        &["du"],
        expect![[r#"
            SIZE   SHARE  OBJECTS  BUCKET
             0 B    0.0%        0  empty
             1 B    0.0%        1  hostile
        4.66 GiB  100.0%        4  photos
        4.66 GiB  100.0%        5  3 buckets
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["du", "photos", "--depth", "1"],
        expect![[r#"
            SIZE   SHARE  OBJECTS  PREFIX
        4.66 GiB  100.0%        2  2024/
        1.24 MiB    0.0%        1  2025/
             5 B    0.0%        1  (no folder)
        4.66 GiB  100.0%        4  photos/
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["top", "photos", "-n", "2"],
        expect![[r#"
            SIZE   AGE  MODIFIED              KEY
        4.66 GiB ~  2025-03-04T05:06:07Z  2024/été.jpg
        2.38 MiB ~  2025-03-04T05:06:07Z  2024/猫.jpg
        --- stderr
        2 of 4 objects, 4.66 GiB in all
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["recent", "photos/2024"],
        expect![[r#"
            SIZE   AGE  MODIFIED              KEY
        4.66 GiB ~  2025-03-04T05:06:07Z  2024/été.jpg
        2.38 MiB ~  2025-03-04T05:06:07Z  2024/猫.jpg
        --- stderr
        2 of 2 objects
        --- exit 0
    "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn json() {
    let store = store().await;
    let sandbox = sandbox(&store);
    sandbox.check(
        &["buckets", "--json"],
        expect![[r#"
        {
          "bucket_count": 3,
          "buckets": [
            "empty",
            "hostile",
            "photos"
          ],
          "details": [
            {
              "name": "empty",
              "created": "2025-03-04T05:06:07Z"
            },
            {
              "name": "hostile",
              "created": "2025-03-04T05:06:07Z"
            },
            {
              "name": "photos",
              "created": "2025-03-04T05:06:07Z"
            }
          ],
          "limited": false,
          "as_of": "…"
        }
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["ls", "photos", "--json", "-n", "2"],
        expect![[r#"
        {
          "bucket": "photos",
          "prefix": "",
          "limit": 2,
          "folders": [
            {
              "prefix": "2024/"
            },
            {
              "prefix": "2025/"
            }
          ],
          "objects": [],
          "truncated": true,
          "next": "p323032352f",
          "as_of": "…"
        }
        --- exit 0
    "#]],
    );
    sandbox.check(&["ls", "hostile", "-r", "--json"], expect![[r#"
        {"key":"docs/\u001b[31mred\nline\u202e.txt","size_bytes":1,"size_human":"1 B","last_modified":"2025-03-04T05:06:07Z","etag":"9dd4e461268c8034f5c8564e155c67a6","storage_class":"STANDARD"}
        --- exit 0
    "#]]);
    sandbox.check(
        &["du", "photos/2025/", "--json"],
        expect![[r#"
            {
              "bucket": "photos",
              "prefix": "2025/",
              "object_count": 1,
              "total_size_bytes": 1300000,
              "total_size_human": "1.24 MiB",
              "prefixes": [],
              "truncated": false,
              "source": "listing",
              "as_of": "…"
            }
            --- exit 0
        "#]],
    );
    sandbox.check(
        &["top", "photos", "-n", "1", "--json"],
        expect![[r#"
            {
              "bucket": "photos",
              "prefix": "",
              "limit": 1,
              "objects": [
                {
                  "key": "2024/été.jpg",
                  "size_bytes": 5000000000,
                  "size_human": "4.66 GiB",
                  "last_modified": "2025-03-04T05:06:07Z",
                  "etag": "32d5899455c2786713344ab972151d0d-597",
                  "storage_class": "STANDARD"
                }
              ],
              "count_scanned": 4,
              "total_size_bytes": 5003800005,
              "source": "listing",
              "as_of": "…"
            }
            --- exit 0
        "#]],
    );
    sandbox.check(
        &["recent", "photos", "-n", "1", "--json"],
        expect![[r#"
            {
              "bucket": "photos",
              "prefix": "",
              "count_scanned": 4,
              "limit": 1,
              "objects": [
                {
                  "key": "2024/été.jpg",
                  "size_bytes": 5000000000,
                  "size_human": "4.66 GiB",
                  "last_modified": "2025-03-04T05:06:07Z",
                  "etag": "32d5899455c2786713344ab972151d0d-597",
                  "storage_class": "STANDARD"
                }
              ],
              "source": "listing",
              "as_of": "…"
            }
            --- exit 0
        "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor() {
    let store = store().await;
    sandbox(&store).check(
        &["doctor", "photos"],
        expect![[r#"
            endpoint  http://STORE
            region    sgp1
            ok   credentials    the store accepts these keys
            ok   list-buckets   3 buckets
            note log-bucket     no log bucket is named
                                hint: questions about who did what need one: `X-Log-Bucket` or `ACCESS_LOGS_BUCKET`
            note metrics-bucket no metrics bucket is named
                                hint: snapshots need one: `X-Metrics-Bucket` or `METRICS_BUCKET`

            photos
            ok   bucket         can be listed
            ok   versioning     not set up
            note logging        off: who reads and writes here is not recorded
                                hint: switch access logs on with PutBucketLogging, into another bucket
            ok   lifecycle      not set up

            settings that are not defaults
                SPACES_ENDPOINT             from the environment
                SPACES_KEY                  from the environment
                SPACES_SECRET               from the environment
            --- exit 0
        "#]],
    );
    sandbox_with(&store, "test-key", "wrong").check(&["doctor"], expect![[r#"
        endpoint  http://STORE
        region    sgp1
        FAIL credentials    the store rejected these keys (ListBuckets on `STORE`, status 403, code `SignatureDoesNotMatch`)
                            hint: the secret doesn't belong to this access key id

        settings that are not defaults
            SPACES_ENDPOINT             from the environment
            SPACES_KEY                  from the environment
            SPACES_SECRET               from the environment
        --- stderr
        error: `credentials` failed: the store rejected these keys (ListBuckets on `STORE`, status 403, code `SignatureDoesNotMatch`)
        --- exit 3
    "#]]);
    sandbox_with(&store, "limited-key", "limited-secret").check(
        &["doctor", "--json"],
        expect![[r#"
            {
              "endpoint": "http://STORE",
              "region": "sgp1",
              "healthy": true,
              "checks": [
                {
                  "name": "credentials",
                  "status": "ok",
                  "detail": "the store knows these keys"
                },
                {
                  "name": "list-buckets",
                  "status": "note",
                  "detail": "these keys may not list buckets",
                  "hint": "limited keys work with buckets that are named; set `FALLBACK_BUCKETS`"
                },
                {
                  "name": "bucket",
                  "status": "warning",
                  "detail": "no bucket is known to look at",
                  "hint": "name one: `doctor BUCKET`, `FALLBACK_BUCKETS`, or the log and metrics buckets"
                },
                {
                  "name": "log-bucket",
                  "status": "note",
                  "detail": "no log bucket is named",
                  "hint": "questions about who did what need one: `X-Log-Bucket` or `ACCESS_LOGS_BUCKET`"
                },
                {
                  "name": "metrics-bucket",
                  "status": "note",
                  "detail": "no metrics bucket is named",
                  "hint": "snapshots need one: `X-Metrics-Bucket` or `METRICS_BUCKET`"
                }
              ],
              "as_of": "…",
              "settings": [
                {
                  "key": "SPACES_ENDPOINT",
                  "source": "the environment"
                },
                {
                  "key": "SPACES_KEY",
                  "source": "the environment"
                },
                {
                  "key": "SPACES_SECRET",
                  "source": "the environment"
                }
              ],
              "remarks": []
            }
            --- exit 0
        "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn limited_keys_see_what_is_named() {
    let store = store().await;
    let sandbox = sandbox_with(&store, "limited-key", "limited-secret");
    sandbox.check(
        &["buckets"],
        expect![[r#"
        --- stderr
        note: these keys may not list buckets: shown are the buckets that were named and can be reached
        no buckets
        --- exit 0
    "#]],
    );
    sandbox.check(
        &["buckets", "photos", "empty"],
        expect![[r#"
        AGE  CREATED  BUCKET
          -  -        photos
        --- stderr
        note: these keys may not list buckets: shown are the buckets that were named and can be reached
        --- exit 0
    "#]],
    );
    sandbox.with_file(".env", "FALLBACK_BUCKETS=photos\n").check(
        &["du"],
        expect![[r#"
            SIZE   SHARE  OBJECTS  BUCKET
        4.66 GiB  100.0%        4  photos
        4.66 GiB  100.0%        4  1 bucket
        --- stderr
        note: these keys may not list buckets: shown are the buckets that were named and can be reached
        --- exit 0
    "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_and_their_exit_codes() {
    let store = store().await;
    let sandbox_of = |key, secret| sandbox_with(&store, key, secret);
    sandbox_of("test-key", "test-secret").check(&["du", "missing-bucket"], expect![[r#"
        --- stderr
        error: no such bucket: The specified bucket does not exist (ListObjectsV2 on `STORE`, bucket `missing-bucket`, status 404, code `NoSuchBucket`)
        hint: check the name and the region: a bucket is found only in its own region
        --- exit 4
    "#]]);
    sandbox_of("test-key", "wrong").check(&["buckets"], expect![[r#"
        --- stderr
        error: the store rejected these keys (ListBuckets on `STORE`, status 403, code `SignatureDoesNotMatch`)
        hint: the secret doesn't belong to this access key id
        --- exit 3
    "#]]);
    sandbox_of("unknown", "wrong").check(&["ls", "photos", "--json"], expect![[r#"
        --- stderr
        {"error":{"causes":[],"code":"InvalidCredentials","detail":"the store rejected these keys: The access key id you provided does not exist in our records (ListObjectsV2 on `STORE`, bucket `photos`, status 403, code `InvalidAccessKeyId`)","exit_code":3,"hint":"check the key pair, and that it belongs to this provider and region"}}
        --- exit 3
    "#]]);
    sandbox_of("limited-key", "limited-secret").check(&["top", "hostile"], expect![[r#"
        --- stderr
        error: these keys may not do that: Access Denied (ListObjectsV2 on `STORE`, bucket `hostile`, status 403, code `AccessDenied`)
        hint: limited keys reach only the buckets they were made for; name such a bucket
        --- exit 3
    "#]]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    sandbox(&store).hiding(&closed.to_string(), "NOWHERE").check(
        &["buckets", "--endpoint", &format!("http://{closed}")],
        expect![[r#"
            --- stderr
            error: the store can't be reached: Connection refused (os error 111) (ListBuckets on `NOWHERE`)
            hint: check the endpoint, the name service and the way out of this network
            --- exit 5
        "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_from_standard_input() {
    let store = store().await;
    let sandbox = sandbox_with(&store, "test-key", "overridden");
    let ran = sandbox.run_with_input(&["buckets", "--secret-file", "-"], "test-secret\n");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_long_question() {
    let store = store().await;
    store.faults().add(Fault::new(Effect::Hang));
    let sandbox = sandbox(&store);
    let mut command = sandbox.command(&["du", "photos"]);
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while store.requests().total() == 0 {
        tokio::task::yield_now().await;
    }
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(130), "interrupted\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed() {
    let store = store().await;
    let sandbox = sandbox(&store);
    assert_eq!(sandbox.run(&["inventory", "run", "photos"]).code, Some(0));
    let one = sandbox.run(&["diff", "photos"]);
    assert!(
        one.stderr.contains("there are no two inventories to compare"),
        "{}",
        one.stderr
    );
    let handle = store.handle();
    assert!(handle.put_sparse("photos", HOSTILE, 700, "text/plain"));
    assert!(handle.put_sparse("photos", "2024/猫.jpg", 500, "image/jpeg"));
    handle.delete("photos", "readme.txt");
    assert_eq!(sandbox.run(&["inventory", "run", "photos"]).code, Some(0));
    let shown = sandbox.run(&["diff", "photos"]);
    expect![[r#"
        CHANGE   OBJECTS    BEFORE  AFTER  BY REQUEST  BY RULE  AMBIGUOUS  UNEXPLAINED
        added          1       0 B  700 B           0        0          0       no log
        shrunk         1  2.38 MiB  500 B           0        0          0       no log
        removed        1       5 B    0 B           0        0          0       no log

            ADDED  REMOVED    CHANGED  GREW    SHRANK  UNEXPLAINED  PREFIX
                -        -  1 (500 B)   0 B  2.38 MiB            0  2024/
        1 (700 B)        -          -   0 B       0 B            0  docs/
                -  1 (5 B)          -   0 B       0 B            0  (no folder)

        BYTES  WHEN  BY  FROM  OPERATION  ADDED
        700 B  -     -   -     no log     docs/\u{1b}[31mred\nline\u{202e}.txt

           BYTES  WHEN  BY  FROM  OPERATION  SHRUNK
        2.38 MiB  -     -   -     no log     2024/猫.jpg

        BYTES  WHEN  BY  FROM  OPERATION  REMOVED
          5 B  -     -   -     no log     readme.txt
    "#]]
    .assert_eq(&shown.stdout);
    let said = &shown.stderr;
    assert!(
        said.starts_with("3 changes among 5 keys, 2.38 MiB less\nbetween the inventories of "),
        "{said}"
    );
    assert!(
        said.ends_with("\nnote: no bucket with access logs is named, so no change is explained\n"),
        "{said}"
    );
    let listed = sandbox.run(&[
        "diff", "photos", "--kind", "removed", "--csv", "-", "--list", "removed",
    ]);
    assert!(
        listed.stdout.contains("\nreadme.txt,removed,5,no_log,5,"),
        "{}",
        listed.stdout
    );
    let wrong = sandbox.run(&["diff", "photos", "--kind", "stolen"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    store.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posture() {
    let store = DemoStore::empty()
        .with_object("open", "a", "x")
        .with_acl("open", CannedAcl::PublicRead)
        .with_policy("open", "{\"Statement\": \"\u{1b}[31m\"}")
        .with_logging("open", "logs", "open/")
        .with_limited_key("limited-key", "limited-secret", &[("open", Grant::Read)])
        .start(([127, 0, 0, 1], 0).into())
        .await
        .unwrap();
    let sandbox = sandbox(&store);
    sandbox.check(&["posture"], expect![[r#"
        LOGGING  VERSIONING  LIFECYCLE  ABORT RULE  PUBLIC LISTING  WORST  BUCKET
        no       no          no         no          closed          low    logs
        yes      no          no         no          OPEN            high   open

                    WITH  WITHOUT  UNKNOWN  BUCKETS WITHOUT
        logging        1        1        0  logs
        versioning     0        2        0  logs open
        lifecycle      0        2        0  logs open
        abort rule     0        2        0  logs open

        high     anybody can list bucket `open`
                 whoever knows its name learns every key in it, and can fetch what is readable; a log bucket tells who does what in all the others
                 do: take the right to list from everybody, in the ACL and in the policy: a public site needs reading alone
                 id: public-listing/open

        low      no rule ends uploads that nobody completes in bucket `logs`
                 their parts are paid for and show in no listing
                 do: add a lifecycle rule with AbortIncompleteMultipartUpload after a week
                 id: no-abort-rule/logs

        low      no rule ends uploads that nobody completes in bucket `open`
                 their parts are paid for and show in no listing
                 do: add a lifecycle rule with AbortIncompleteMultipartUpload after a week
                 id: no-abort-rule/open

        low      bucket `logs` has no default encryption
                 unless clients ask for it, objects lie on the store's disks as they were sent
                 do: set a default encryption with PutBucketEncryption
                 id: no-encryption/logs

        low      bucket `open` has no default encryption
                 unless clients ask for it, objects lie on the store's disks as they were sent
                 do: set a default encryption with PutBucketEncryption
                 id: no-encryption/open

        low      bucket `open` keeps no older versions of objects
                 what is overwritten or deleted by mistake is gone
                 do: switch versioning on, with a lifecycle rule that ends old versions after some weeks
                 id: no-versioning/open

        low      the policy of bucket `open` can't be understood in full
                 what can't be read can't be judged: it may let in more than it seems
                 do: name in `Principal` who needs it, or leave only `s3:GetObject` under the prefix that is meant to be public
                 id: unclear-policy/open
        --- stderr
        7 findings in 2 buckets
        --- exit 0
    "#]]);
    sandbox.check(&["posture", "open"], expect![[r#"
        SETTING              STATE    WHAT IT IS
        logging              set      to `logs` under `open/`
        versioning           not set  -
        lifecycle            not set  -
        policy               set      can't be read: it is no JSON, or nested too deeply
        policy status        set      the store calls the policy not public
        acl                  set      the owner: FULL_CONTROL, everybody: READ
        public listing       set      asked without keys, the store lists the bucket
        cors                 not set  -
        encryption           not set  -
        object lock          not set  -
        public access block  not set  -
        ownership            not set  -

        high     anybody can list bucket `open`
                 whoever knows its name learns every key in it, and can fetch what is readable; a log bucket tells who does what in all the others
                 do: take the right to list from everybody, in the ACL and in the policy: a public site needs reading alone
                 id: public-listing/open

        low      no rule ends uploads that nobody completes in bucket `open`
                 their parts are paid for and show in no listing
                 do: add a lifecycle rule with AbortIncompleteMultipartUpload after a week
                 id: no-abort-rule/open

        low      bucket `open` has no default encryption
                 unless clients ask for it, objects lie on the store's disks as they were sent
                 do: set a default encryption with PutBucketEncryption
                 id: no-encryption/open

        low      bucket `open` keeps no older versions of objects
                 what is overwritten or deleted by mistake is gone
                 do: switch versioning on, with a lifecycle rule that ends old versions after some weeks
                 id: no-versioning/open

        low      the policy of bucket `open` can't be understood in full
                 what can't be read can't be judged: it may let in more than it seems
                 do: name in `Principal` who needs it, or leave only `s3:GetObject` under the prefix that is meant to be public
                 id: unclear-policy/open
        --- stderr
        5 findings in 1 bucket
        --- exit 0
    "#]]);
    let limited = sandbox_with(&store, "limited-key", "limited-secret");
    limited.check(&["posture", "open"], expect![[r#"
        SETTING              STATE               WHAT IT IS
        logging              not allowed to see  -
        versioning           not allowed to see  -
        lifecycle            not allowed to see  -
        policy               not allowed to see  -
        policy status        not allowed to see  -
        acl                  not allowed to see  -
        public listing       set                 asked without keys, the store lists the bucket
        cors                 not allowed to see  -
        encryption           not allowed to see  -
        object lock          not allowed to see  -
        public access block  not allowed to see  -
        ownership            not allowed to see  -

        high     anybody can list bucket `open`
                 whoever knows its name learns every key in it, and can fetch what is readable; a log bucket tells who does what in all the others
                 do: take the right to list from everybody, in the ACL and in the policy: a public site needs reading alone
                 id: public-listing/open
        --- stderr
        1 finding in 1 bucket
        note: these keys may not see of `open`: logging, versioning, lifecycle, policy, policy_status, acl, cors, encryption, object_lock, public_access_block, ownership
        --- exit 0
    "#]]);
    limited.check(&["posture", "logs"], expect![[r#"
        --- stderr
        error: these keys may not do that: Access Denied (ListObjectsV2 on `STORE`, bucket `logs`, status 403, code `AccessDenied`)
        hint: limited keys reach only the buckets they were made for; name such a bucket
        --- exit 3
    "#]]);
}
