-- isEOF is asked before each line, and stays True. Catches an end of file that is reported once
-- only, or as a busy loop.
module Main (main) where

import Control.Monad
import System.IO

main :: IO ()
main = do
  loop (0 :: Int)
  isEOF >>= print
  isEOF >>= print
  hIsOpen stdin >>= print
  where
    loop n = do
      end <- isEOF
      if end then putStrLn (show n ++ " lines") else do
        l <- getLine
        when (n < 3) (putStrLn (reverse l))
        loop (n + 1)
