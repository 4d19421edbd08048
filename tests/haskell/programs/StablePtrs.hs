-- StablePtrs keep their objects alive through C pointers, a thousand at once, and can be freed.
-- Catches a table that is not a root.
module Main (main) where

import Control.Monad
import Foreign
import System.Mem

main :: IO ()
main = do
  sps <- forM [1 .. 1000 :: Int] $ \n -> newStablePtr (replicate 3 n)
  performGC
  let raw = map castStablePtrToPtr sps
  xs <- forM raw (deRefStablePtr . castPtrToStablePtr)
  print (sum (concat (xs :: [[Int]])))
  mapM_ freeStablePtr (take 500 sps)
  performGC
  ys <- mapM deRefStablePtr (drop 500 sps)
  print (sum (concat ys))
  again <- newStablePtr "again"
  deRefStablePtr again >>= putStrLn
  mapM_ freeStablePtr (drop 500 sps) >> freeStablePtr again
