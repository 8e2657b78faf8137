//! The page that stands alone.

use spacewatch_report::{Options, page};

use super::kit::{Folder, lines};

/// Every value that a client chooses holds markup.
const HOSTILE: &str = r#"o <b>bucket [06/Feb/2019:00:00:01 +0000] 192.0.2.1 <i>me R1 REST.GET.OBJECT <script>k "GET /<script>x HTTP/1.1" 404 <u>Error 5 5 9 8 "<img/src=x/onerror=alert(1)>" "<script>alert(1)</script>" - h SigV4 c AuthHeader <svg/onload=alert(1)> TLSv1.3
<script>alert('a line that is no record')</script>
#Fields: date time c-ip sc-status sc-bytes x-edge-result-type cs-uri-stem x-host-header
2019-02-06	21:02:31	<script>1	200	9	<script>Hit	/<script>	<script>host
"#;

#[test]
fn nothing_from_the_logs_is_markup() {
    let folder = Folder::new();
    folder.put("<script>name", HOSTILE);
    folder.put("<b>broken.gz", b"\x1f\x8b<script>");
    let shown = page(&folder.report(&Options::default()), "test <1>");
    for markup in ["<script", "<img", "<b>", "<i>me", "<u>", "<svg/", "<1>"] {
        assert!(!shown.contains(markup), "{markup}");
    }
    assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(shown.contains("&lt;svg/onload=alert(1)&gt;"));
}

#[test]
fn it_needs_nothing_else() {
    let folder = Folder::new();
    folder.put("log", lines(0, 500));
    let shown = page(&folder.report(&Options::default()), "spacewatch");
    for outside in ["http://", "https://", " src=", "url(", "@import"] {
        assert!(!shown.contains(outside), "{outside}");
    }
    let opened = shown.matches("<section").count();
    assert_eq!(opened, shown.matches("</section>").count());
    assert_eq!(shown.matches("<div").count(), shown.matches("</div>").count());
}

#[test]
fn empty_logs_make_a_page_too() {
    let folder = Folder::new();
    let shown = page(&folder.report(&Options::default()), "spacewatch");
    assert!(shown.contains("No client&#39;s request is in these logs."));
}
