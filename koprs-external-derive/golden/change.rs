#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "tenants")]
    Tenant(ExternalEvent<Tenant>),
    Models(ExternalEvent<Object<Model>>),
}
