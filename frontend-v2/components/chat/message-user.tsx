export function MessageUser({ text }: { text: string }) {
  return (
    <div className="flex justify-end">
      <div
        data-testid="message-user"
        className="max-w-[85%] rounded-lg rounded-br-sm border border-accent/40 bg-accent/18 px-3 py-2 text-[13.5px] whitespace-pre-wrap break-words"
      >
        {text}
      </div>
    </div>
  );
}
