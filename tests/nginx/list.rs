//! Lists: pages of static files, and the listing of a directory.

use koprs_external::spec::Paging;

use crate::nginx::Nginx;
use crate::{Item, declare, page, poll, polls, source};

/// The pages `/1` to `/n`, each with a link to the next.
fn pages(n: usize) -> String {
    let link =
        |n| format!(r#"location = /{n} {{ add_header Link '</{}>; rel="next"' always; }}"#, n + 1);
    (1..n).map(link).collect()
}

#[tokio::test]
async fn pages_are_asked_for_under_a_condition_each() {
    let mut nginx = Nginx::start(&pages(3)).await;
    nginx.write("1", page(&[("a", 1), ("b", 1)]));
    nginx.write("2", page(&[("c", 1), ("d", 1)]));
    nginx.write("3", page(&[("e", 1)]));
    let declaration = declare(nginx.url("/1")).items("").key("/id").pages(Paging::link_header());
    let mut list = source::<Item>(declaration);
    assert_eq!(polls(&mut list, 2).await, "+a=1+b=1+c=1+d=1+e=1 .");
    assert_eq!(nginx.statuses(6).await, "200 200 200 304 304 200");
    nginx.write("2", page(&[("c", 2), ("d", 1), ("f", 1)]));
    assert_eq!(polls(&mut list, 2).await, "~c=2+f=1 .");
    assert_eq!(nginx.statuses(12).await.split_off(24), "304 200 200 304 304 200");
    assert_eq!(nginx.log(12, "request_uri").await, ["/1", "/2", "/3"].repeat(4));
    // A page that is not there is no end of the list.
    nginx.remove("3");
    assert_eq!(polls(&mut list, 2).await, "!404 !404");
    nginx.write("3", page(&[("g", 1)]));
    assert_eq!(polls(&mut list, 2).await, "-e=1+g=1 .");
}

#[tokio::test]
async fn a_link_to_the_next_page_that_is_new_is_followed_from_a_page_that_is_not() {
    let mut nginx = Nginx::start(&pages(1)).await;
    nginx.write("1", page(&[("a", 1), ("b", 1)]));
    nginx.write("2", page(&[("c", 1)]));
    let declaration = declare(nginx.url("/1")).items("").key("/id").pages(Paging::link_header());
    let mut list = source::<Item>(declaration);
    assert_eq!(polls(&mut list, 2).await, "+a=1+b=1 .");
    nginx.conf(&pages(2));
    nginx.reload().await;
    assert_eq!(polls(&mut list, 2).await, "+c=1 .");
    // A last page is asked for in full.
    assert_eq!(nginx.statuses(6).await, "200 200 200 200 304 200");
    // The last page is another one.
    nginx.conf(r#"add_header Link '</1>; rel="first"';"#);
    nginx.reload().await;
    assert_eq!(polls(&mut list, 2).await, "-c=1 .");
}

#[tokio::test]
async fn a_directory_is_followed_file_by_file() {
    let mut nginx = Nginx::start("autoindex on; autoindex_format json;").await;
    nginx.write("files/a", "1");
    nginx.write("files/b", "22");
    nginx.write("files/c/d", "");
    for url in ["/files", "/files/"] {
        let listing = declare(nginx.url(url)).items("").key("/name").ignore("/mtime");
        let mut listing = source::<Item>(listing);
        assert_eq!(polls(&mut listing, 2).await, "+a=1+b=2+c=0 .", "{url}");
        // Touched.
        nginx.write("files/a", "1");
        assert_eq!(poll(&mut listing).await, ".", "{url}");
        nginx.write("files/a", "333");
        nginx.write("files/e", "1");
        nginx.remove("files/b");
        assert_eq!(polls(&mut listing, 2).await, "~a=3-b=2+e=1 .", "{url}");
        nginx.write("files/a", "1");
        nginx.write("files/b", "22");
        nginx.remove("files/e");
    }
    let mut listing = source::<Item>(declare(nginx.url("/files/")).items("").key("/name"));
    assert_eq!(poll(&mut listing).await, "+a=1+b=2+c=0");
    std::fs::remove_dir_all(nginx.at("www/files")).unwrap();
    assert_eq!(polls(&mut listing, 2).await, ". -a=1-b=2-c=0");
}

#[tokio::test]
async fn a_directory_that_is_empty_at_once_is_not_believed_at_once() {
    let mut nginx = Nginx::start("autoindex on; autoindex_format json;").await;
    for n in 0..12 {
        nginx.write(&format!("files/{n}"), "");
    }
    let mut listing = source::<Item>(declare(nginx.url("/files/")).items("").key("/name"));
    assert_eq!(poll(&mut listing).await.matches('+').count(), 12);
    // A volume that is not mounted.
    std::fs::rename(nginx.at("www/files"), nginx.at("volume")).unwrap();
    std::fs::create_dir(nginx.at("www/files")).unwrap();
    assert_eq!(polls(&mut listing, 2).await, ". .");
    std::fs::remove_dir(nginx.at("www/files")).unwrap();
    std::fs::rename(nginx.at("volume"), nginx.at("www/files")).unwrap();
    assert_eq!(polls(&mut listing, 2).await, ". .");
}
