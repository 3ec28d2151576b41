new Intl.NumberFormat().format(0);
new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format();
close();
