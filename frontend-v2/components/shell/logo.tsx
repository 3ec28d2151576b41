export function Logo({ className }: { className?: string }) {
  return (
    <div className={className}>
      <span className="flex items-center gap-2 text-[15px] font-semibold tracking-tight">
        <svg viewBox="0 0 32 32" className="size-6" aria-hidden>
          <rect width="32" height="32" rx="7" className="fill-accent" />
          <path
            d="M7 10l6 6 4-4 8 9"
            fill="none"
            stroke="#fff"
            strokeWidth="3"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
        Rundown
      </span>
    </div>
  );
}
