//! What a watcher may hold.

use super::*;

fn budget(memory: u64, walk: u64, account: Option<&MemoryAccount>) -> Budget {
    Budget::new(MemoryLimits { memory, walk }, account.cloned())
}

#[test]
fn a_walk_may_hold_its_limit_and_not_one_byte_more() {
    let budget = budget(1000, 100, None);
    assert_eq!(budget.take_body(60), Ok(()));
    assert_eq!(budget.take_item(41, 0), Err(Full::Walk(100)));
    assert_eq!(budget.take_item(40, 0), Ok(()));
    assert_eq!(budget.take_body(1), Err(Full::Walk(100)));
    budget.give_bodies();
    assert_eq!(budget.take_item(61, 0), Err(Full::Walk(100)));
    assert_eq!(budget.take_item(60, 0), Ok(()));
    budget.abandon();
    assert_eq!(budget.take_body(100), Ok(()));
}

#[test]
fn a_new_item_is_known_and_in_an_event() {
    let budget = budget(100, 1000, None);
    assert_eq!(budget.take_item(51, 0), Err(Full::Memory(100)));
    assert_eq!(budget.take_item(50, 0), Ok(()));
    budget.complete(50, 50);
    assert_eq!(budget.take_item(1, 0), Err(Full::Memory(100)));
    budget.delivered();
    assert_eq!(budget.take_item(25, 0), Ok(()));
    budget.give_item(25, 0);
    // In the place of all that is known.
    assert_eq!(budget.take_item(51, 50), Err(Full::Memory(100)));
    assert_eq!(budget.take_item(50, 50), Ok(()));
}

#[test]
fn an_account_gets_back_what_its_watchers_held() {
    let account = MemoryAccount::new(400);
    let [one, other] = [(); 2].map(|()| budget(1000, 1000, Some(&account)));
    assert_eq!(one.take_item(50, 0), Ok(()));
    assert_eq!(one.take_body(101), Err(Full::Account(400)));
    assert_eq!(one.take_body(100), Ok(()));
    assert_eq!(account.used(), 200);
    assert_eq!(other.take_body(101), Err(Full::Account(400)));
    assert_eq!(other.take_body(100), Ok(()));
    one.give_bodies();
    one.complete(50, 50);
    assert_eq!(account.used(), 200);
    one.begin();
    assert_eq!(account.used(), 150);
    other.abandon();
    assert_eq!(account.used(), 50);
    drop(other);
    assert_eq!(one.clone().take_body(1), Ok(()));
    drop(one);
    assert_eq!(account.used(), 0);
}

#[test]
fn items_that_are_discarded_count_until_they_are_dropped() {
    let budget = budget(1000, 100, None);
    budget.take_item(40, 0).unwrap();
    let discarded = budget.discard_items();
    budget.abandon();
    budget.begin();
    assert_eq!(budget.take_item(40, 0), Ok(()));
    assert!(budget.take_item(40, 0).is_err(), "those of before are still there");
    budget.abandon();
    budget.begin();
    drop(discarded);
    assert_eq!(budget.take_item(50, 0), Ok(()));
}

#[test]
fn the_pages_of_a_list_are_held_by_the_walk_and_then_known() {
    let account = MemoryAccount::new(1000);
    let list = budget(100, 60, Some(&account));
    assert_eq!(list.take_page(61), Err(Full::Walk(60)));
    assert_eq!(list.take_page(40), Ok(()));
    assert_eq!(list.take_body(21), Err(Full::Walk(60)));
    assert_eq!(list.take_item(20, 0), Ok(()));
    assert_eq!(list.take_page(1), Err(Full::Walk(60)));
    list.complete(20, 20);
    list.keep_pages(40);
    list.delivered();
    assert_eq!(account.used(), 60);
    // The next walk holds them once more.
    list.begin();
    assert_eq!(list.take_page(40), Ok(()));
    assert_eq!(account.used(), 100);
    list.abandon();
    assert_eq!(account.used(), 60);
    // What is known goes first.
    let known = budget(100, 1000, None);
    known.complete(70, 0);
    assert_eq!(known.take_page(31), Err(Full::Memory(100)));
    assert_eq!(known.take_page(30), Ok(()));
    list.keep_pages(0);
    assert_eq!(account.used(), 20);
}

#[test]
fn the_message_names_the_limit_and_the_way_out() {
    for (full, name) in [
        (Full::Memory(7), "`memory_limit`, 7 bytes"),
        (Full::Walk(7), "`walk_limit`, 7 bytes"),
        (Full::Account(7), "all untrusted watchers together is used up, 7 bytes"),
    ] {
        let message = full.to_string();
        assert!(message.contains(name) && message.contains("raise it"), "{message}");
    }
}

#[test]
fn what_takes_no_more_is_not_refused() {
    let account = MemoryAccount::new(1000);
    let inherits = budget(100, 1000, Some(&account));
    inherits.complete(150, 0);
    assert_eq!(inherits.take_body(10), Ok(()), "it may show that there is less");
    assert_eq!(inherits.take_item(60, 150), Ok(()), "it is less already");
    assert_eq!(inherits.take_item(1, 0), Err(Full::Memory(100)));
    let other = budget(1000, 1000, Some(&account));
    other.complete(600, 0);
    assert_eq!(inherits.take_body(0), Ok(()));
    assert_eq!(inherits.take_body(10), Err(Full::Account(1000)));
}
