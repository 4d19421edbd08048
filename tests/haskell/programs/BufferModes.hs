-- Each buffering of stdout and stderr gives the same bytes in the same order, and switching
-- flushes. Catches text that is written twice or not at all.
module Main (main) where

import Control.Monad
import System.IO

main :: IO ()
main = forM_ [NoBuffering, LineBuffering, BlockBuffering Nothing, BlockBuffering (Just 10)] $ \mode ->
  forM_ [(stdout, "out"), (stderr, "err")] $ \(h, name) -> do
    hSetBuffering h mode
    got <- hGetBuffering h
    hPutStrLn h (name ++ ": " ++ show got)
    hPutStr h "no newline;"
    hPutStr h " a text that is longer than ten characters\n"
    mapM_ (hPutChar h) "char by char\n"
    hFlush h
