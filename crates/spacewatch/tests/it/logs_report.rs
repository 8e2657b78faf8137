//! Reports of local log files.

use expect_test::expect;

use crate::sandbox::Sandbox;

const LOG: &str = r#"79a59df9 prod-assets [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57427F REST.GET.OBJECT img/cat.jpg "GET /img/cat.jpg HTTP/1.1" 200 - 113 113 27 7 "-" "curl/8.5.0" - - - - - prod-assets.example TLSv1.3 - -
79a59df9 prod-assets [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57427F REST.GET.OBJECT img/cat.jpg "GET /img/cat.jpg HTTP/1.1" 200 - 113 113 27 7 "-" "curl/8.5.0" - - - - - prod-assets.example TLSv1.3 - -
79a59df9 prod-assets [06/Feb/2026:03:01:02 +0000] 192.0.2.9 arn:aws:iam::1:user/ci 7B4A0FAB REST.PUT.OBJECT img/dog.jpg "PUT /img/dog.jpg HTTP/1.1" 503 SlowDown 200 5000 40 35 "-" "rclone/v1.66.0" - - SigV4 - AuthHeader prod-assets.example TLSv1.3 - -
no record
"#;

#[test]
fn at_the_terminal() {
    Sandbox::new().with_file("sample.log", LOG).check(
        &["logs", "report", "sample.log"],
        expect![[r#"
        period      2026-02-06T00:00:38Z to 2026-02-06T03:01:02Z
        read        1 file, 672 B
        lines       4 lines, 1 duplicate, 1 rejected
        requests    2 (2 records)
        sent        313 B
        uploaded    0 B (approximate)
        errors      0.00 % 4xx, 50.00 % 5xx
        clients     2 addresses, 1 requester
        anonymous   1 read

        Requests by hour
        █  █
           █
        a column is an hour, the highest 1 request; below: 5xx, on a scale of their own

        Status
        REQUESTS    SHARE                    STATUS
               1  50.00 %  ████████████████  200
               1  50.00 %  ████████████████  503

        Operations, time to first byte
        RECORDS                      P50    P95    P99  P99 ALL  OPERATION
              1  ████████████████   7 ms   7 ms   7 ms    27 ms  REST.GET.OBJECT
              1  ████████████████  35 ms  35 ms  35 ms    40 ms  REST.PUT.OBJECT

        Client addresses
        REQUESTS    SHARE                     SENT  VALUE
               1  50.00 %  ████████████████  113 B  192.0.2.3
               1  50.00 %  ████████████████  200 B  192.0.2.9

        Requesters
        REQUESTS    SHARE                     SENT  VALUE
               1  50.00 %  ████████████████  200 B  arn:aws:iam::1:user/ci

        Keys
        REQUESTS    SHARE                     SENT  VALUE
               1  50.00 %  ████████████████  113 B  prod-assets/img/cat.jpg
               1  50.00 %  ████████████████  200 B  prod-assets/img/dog.jpg

        Folders
        REQUESTS     SHARE                     SENT  VALUE
               2  100.00 %  ████████████████  313 B  prod-assets/img/

        User agents
        REQUESTS    SHARE                     SENT  VALUE
               1  50.00 %  ████████████████  113 B  curl/8.5.0
               1  50.00 %  ████████████████  200 B  rclone/v1.66.0

        Hosts
        REQUESTS     SHARE                     SENT  VALUE
               2  100.00 %  ████████████████  313 B  prod-assets.example

        Rejected lines
        LINES  REASON
            1  no bracketed time stands in third place
        sample.log at byte 662  no record
        --- exit 0
    "#]],
    );
}

#[test]
fn nothing_to_read() {
    let sandbox = Sandbox::new();
    sandbox.check(
        &["logs", "report", "nowhere"],
        expect![[r#"
        --- stderr
        error: `nowhere` can't be read: No such file or directory (os error 2)
        --- exit 4
    "#]],
    );
    sandbox.check(
        &["logs", "report", "-", "-"],
        expect![[r#"
        --- stderr
        error: standard input `-` can be read only once
        --- exit 2
    "#]],
    );
}

#[test]
fn as_json_from_standard_input_and_as_a_page() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run_with_input(
        &[
            "logs",
            "report",
            "-",
            "--json",
            "--html",
            "report.html",
            "--from",
            "2026-02-06T01:00:00Z",
        ],
        LOG,
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["total"]["requests"], 1);
    assert_eq!(report["read"]["filtered_out"], 2);
    assert_eq!(report["rejects"]["samples"][0]["line"], "no record");
    assert!(sandbox.read("report.html").contains("REST.PUT.OBJECT"));
}
