//! The URLs and validators of pages take room: while a list is walked, and from then on.

use super::*;
use crate::memory::MemoryLimits;

const PAGES: usize = 8;
/// Of the query of each page.
const LONG: usize = 4000;
/// The most that the items take, and the bodies.
const REST: u64 = 16 * 1024;

/// A list of pages whose URLs are long.
async fn serve(server: &Server) {
    let tail = "x".repeat(LONG);
    server.fallback(Reply::with(move |request| {
        let query = request.query().unwrap_or("0").split('&').next().unwrap_or_default();
        let page: usize = query.parse().unwrap();
        let reply = Reply::json(format!(r#"[{{"id":"{page}"}}]"#)).etag(&format!("\"{page}\""));
        match page + 1 {
            PAGES => reply,
            next => reply.header("Link", format!("</v?{next}&{tail}>; rel=\"next\"")),
        }
    }));
}

fn source(server: &Server, walk: u64, account: &MemoryAccount) -> Http<Item> {
    let declared = declare(server.url("/v")).items("").key("/id").pages(Paging::link_header());
    let budget = Budget::new(MemoryLimits { memory: 1 << 20, walk }, Some(account.clone()));
    Http::new(&declared.build().unwrap(), None, &Reach::new(Trust::Trusted, &[]), budget).unwrap()
}

#[tokio::test]
async fn the_urls_of_pages_are_within_the_limits() {
    let server = Server::start().await;
    serve(&server).await;
    let account = MemoryAccount::new(1 << 30);
    // Of each page but the first its URL twice, and of each but the last the next one.
    let urls = (3 * (PAGES - 1) * LONG) as u64;
    let mut short = source(&server, urls, &account);
    let Err(ExternalError::Http(error)) = short.poll().await else { panic!("there is room") };
    assert_eq!(error.kind(), HttpErrorKind::MemoryLimit { limit: urls });
    assert_eq!(account.used(), 0, "given back");

    let mut enough = source(&server, urls + REST, &account);
    assert_eq!(enough.poll().await.unwrap().len(), PAGES);
    enough.delivered().await.unwrap();
    let kept = (2 * (PAGES - 1) * LONG) as u64;
    assert!((kept..kept + REST).contains(&account.used()), "{}", account.used());
    // All are what they were.
    assert_eq!(enough.poll().await.unwrap(), []);
    assert!((kept..kept + REST).contains(&account.used()), "{}", account.used());
    enough.retract();
    enough.delivered().await.unwrap();
    assert_eq!(account.used(), 0);
}
