-- getLine reads lines, empty ones and a last one without a newline; the end is isEOFError.
-- Catches bytes that are lost between reads.
module Main (main) where

import System.IO.Error

main :: IO ()
main = loop (1 :: Int)
  where
    loop n = do
      r <- tryIOError getLine
      case r of
        Right l -> putStrLn (show n ++ ": " ++ show l) >> loop (n + 1)
        Left e -> print (isEOFError e, n)
